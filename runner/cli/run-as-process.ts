import { exitCodes, messageOf, usageError, WirelabError } from '../errors.ts'
import type { CommandContext } from './command.ts'

/**
 * Runs a command as what this process is for: its arguments, streams, signals and exit code are the process's.
 * Whoever reads its output may go away, as `head` does; the command does what it does nonetheless. So it does when
 * output cannot be written, on a full disk for one; but then it has not passed.
 * The first SIGINT or SIGTERM ends the command in order; a second one ends the process.
 */
export async function runAsProcess(
  command: (args: readonly string[], context: CommandContext) => Promise<number>,
): Promise<void> {
  const interruption = interruptible()
  outliveReaders()
  const noColour = Boolean(process.env['NO_COLOR'])
  const context: CommandContext = {
    stdout: process.stdout,
    stderr: process.stderr,
    colour: !noColour && process.stdout.isTTY === true,
    errorColour: !noColour && process.stderr.isTTY === true,
    interactive: process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['CI'],
    signal: interruption.signal,
    signalExitCode: interruption.exitCode,
  }
  try {
    demandWorkingFolder()
    process.exitCode = await command(process.argv.slice(2), context)
  } catch (error) {
    process.exitCode = context.signal.aborted ? interruption.exitCode() : exitCodeOf(error)
    process.stderr.write(context.signal.aborted ? 'interrupted\n' : renderError(error))
  }
}

function demandWorkingFolder() {
  try {
    process.cwd()
  } catch (error) {
    throw usageError(`cannot find the working directory: ${messageOf(error)}`, 'Change to one that is there.')
  }
}

function outliveReaders() {
  let isLost = false
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isLost || error.code === 'EPIPE') return
      isLost = true
      process.stderr.write(`cannot write the output: ${error.message}\n`)
    })
  process.on('exit', () => {
    if (isLost && process.exitCode === exitCodes.passed) process.exitCode = exitCodes.machinery
  })
}

const exitCodeOf = (error: unknown) =>
  error instanceof WirelabError && error.kind === 'usage' ? exitCodes.usage : exitCodes.machinery

function renderError(error: unknown) {
  if (!(error instanceof WirelabError))
    return `cannot go on: ${error instanceof Error ? error.stack : messageOf(error)}\n`
  return `${error.message.trimEnd()}\n${error.remedy === undefined ? '' : `${error.remedy}\n`}`
}

function interruptible() {
  const controller = new AbortController()
  let code = 130
  const on = (signal: NodeJS.Signals, exitCode: number) =>
    process.once(signal, () => {
      code = exitCode
      controller.abort(new Error(`ended by ${signal}`))
    })
  on('SIGINT', 130)
  on('SIGTERM', 143)
  return { signal: controller.signal, exitCode: () => code }
}
