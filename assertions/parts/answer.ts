import type { Answer, CommandProbe } from '../assertion.ts'

/** How long a probe that only asks for a state may take; ample for an emulated machine under load. */
const commandTimeoutMs = 10_000

/** A question that a node answers at once. */
export const command = (node: string, ...argv: [string, ...string[]]): CommandProbe => ({
  kind: 'command',
  node,
  argv,
  timeoutMs: commandTimeoutMs,
})

/**
 * Why the answer says nothing about the network: the command did not end, is not installed, may not do what it should,
 * or the node is not there. Undefined when the command ran. The texts are those of iproute2's `ip netns exec`,
 * dash, bash and the kernel's errno names (errno(3)).
 */
export const whyNotRun = (answer: Answer): string | undefined =>
  answer.timedOut ? 'the command did not end in time' : (whyNotStarted(answer) ?? whyNotPermitted(answer))

/** As whyNotRun, but a command that ran and reported a refusal counts as run. */
export function whyNotStarted({ exitCode, stdout, stderr }: Answer): string | undefined {
  const namespace = missingNamespace(stderr)
  if (namespace !== undefined) return `the network namespace "${namespace}" does not exist`

  const tool = missingTool(stderr)
  if (tool !== undefined) return `"${tool}" is not installed`
  if (exitCode === 127) return `a command was not found: ${firstLine(stderr) || 'no message'}`
  if (exitCode === 126) return `a command could not be executed: ${firstLine(stderr) || 'no message'}`
  if (exitCode < 0 && stdout === '') return 'the command did not run to its end'
  // What a shell reports for a command that a signal ended is 128 and the signal's number.
  if (exitCode > 128 && exitCode <= 128 + 64) return `signal ${exitCode - 128} ended the command`
  return undefined
}

/** The network namespace that does not exist, as `ip netns exec` words it. */
export function missingNamespace(stderr: string): string | undefined {
  const namespace =
    /^Cannot open network namespace "(.*)": No such file/m.exec(stderr) ??
    /^setting the network namespace "(.*)" failed/m.exec(stderr)
  return namespace?.[1]
}

/** The device that the answer says is not there, as `ip` and `bridge` word it. */
export function missingDevice({ stderr }: Answer): string | undefined {
  const device =
    /^Device "(.*)" does not exist/m.exec(stderr) ?? /^Cannot find (?:bridge )?device "?([^"\n]*)"?$/m.exec(stderr)
  return device?.[1]
}

/** The first line of a text that isn't blank, without surrounding space; empty when there is none. */
export const firstLine = (text: string): string =>
  text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim() ?? ''

function whyNotPermitted({ stderr }: Answer): string | undefined {
  const refusal = /^.*(?:Operation not permitted|Permission denied).*$/m.exec(stderr)
  return refusal === null ? undefined : `the command was not permitted: ${refusal[0].trim()}`
}

function missingTool(stderr: string): string | undefined {
  const tool =
    /^exec of "(.*)" failed: No such file or directory/m.exec(stderr) ??
    /^(?:[\w./-]+: )(?:line \d+: |\d+: )?([^\s:]+): (?:command )?not found$/m.exec(stderr) ??
    /^(?:env|timeout|nohup|setsid): (?:failed to (?:run|execute) command )?[‘'"]?([^\s’'"]+)[’'"]?: No such file or directory$/m.exec(
      stderr,
    )
  return tool?.[1]
}
