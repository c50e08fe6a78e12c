import { join } from 'node:path'
import { shellArgv } from '../../../assertions/parts/shell.ts'
import { messageOf } from '../../errors.ts'
import { type Nodes, nodeError } from '../nodes.ts'
import { keepScopeLog, type ScopeContext } from '../scope-context.ts'
import type { BackgroundDeclaration } from './declaration.ts'
import { type ProcessOutput, processOutput } from './process-output.ts'

/** A background process that was started. */
export interface BackgroundProcess {
  readonly node: string
  /** The machine that the node is, or is in. */
  readonly machine: string
  /** The whole output; path in the results folder. */
  readonly log: string
  readonly output: ProcessOutput
  /** Resolves when it is ready. @throws WirelabError of kind machinery when that cannot be found out */
  readonly ready: Promise<void>
  /** Undefined while it runs. */
  exitCode(): number | undefined
  /** With which exit code it failed by itself; undefined when it did not, or nobody knows. */
  failedBy(): number | undefined
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Ends the process and all its children that did not leave its session. */
  endSession(): Promise<void>
}

/** How long a process has to end after each signal. */
export const graceMs = 3000
/** Stands for a process whose machine is gone: as if KILL had ended it. */
export const goneExitCode = 137

/** Prints the process's session, then becomes the lab's shell: who knows the session can end all that it started. */
const wrapper = 'echo $$; exec "$0" "$@"'

/** Ends the processes of the session that is its argument; each signal has three seconds to do so. */
const endSession = `for name in INT TERM KILL; do
  pkill -$name --session "$0" || exit 0
  tries=0
  while pgrep --session "$0" >/dev/null && [ $tries -lt 30 ]; do tries=$((tries + 1)); sleep 0.1; done
done`

/** Starts a background process on a node. Its output is kept in the log of that name. */
export function launch(
  declaration: BackgroundDeclaration,
  node: string,
  logName: string,
  context: ScopeContext,
  nodes: Nodes,
): BackgroundProcess {
  const { folderInResults, signal } = context
  const output = processOutput(keepScopeLog(logName, context), context, declaration.ready)
  const machine = nodes.machineOf(node)
  const argv = nodes.argvOn(node, ['setsid', '--wait', 'bash', '-c', wrapper, ...shellArgv(declaration.text)])
  const running = machine.start(argv, { onOutput: output.receive })
  let exitCode: number | undefined
  let endsByItself = true
  const ended = running.ended.then(
    (result) => {
      exitCode = result.exitCode
    },
    (error) => {
      // Its machine is gone, and it with it.
      output.note(`[${messageOf(error)}]\n`)
      exitCode = goneExitCode
      endsByItself = false
    },
  )
  return {
    node,
    machine: machine.name,
    log: join(folderInResults, logName),
    output,
    ready: becomesReady(declaration, node, output, nodes),
    exitCode: () => exitCode,
    failedBy: () => (endsByItself && exitCode !== 0 ? exitCode : undefined),
    ended,
    async endSession() {
      if (exitCode === undefined) endsByItself = false
      const session = output.session()
      if (session === undefined) running.signal('KILL')
      // A machine that is gone has taken its processes along.
      else if (exitCode !== goneExitCode)
        await machine.run(['sh', '-c', endSession, session], { timeoutMs: 5 * graceMs, signal })
    },
  }
}

/** Ends when something listens on the port that is its argument. */
const waitForPort = 'until ss -Hltun "sport = :$0" | grep -q .; do sleep 0.1; done'

async function becomesReady(
  { readyPort, withinMs }: BackgroundDeclaration,
  node: string,
  { begun, said }: ProcessOutput,
  nodes: Nodes,
): Promise<void> {
  await begun
  await said
  if (readyPort === undefined) return
  const options = { timeoutMs: withinMs + graceMs }
  const { exitCode, stderr } = await nodes.run(node, ['sh', '-c', waitForPort, String(readyPort)], options)
  if (exitCode !== 0) throw nodeError(`cannot wait for port ${readyPort} on ${node}: ${stderr.trim()}`, stderr)
}
