import { constants, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { plainMessage } from '../../reports/text/plain-text.ts'
import { exitCodes, messageOf, usageError, WirelabError } from '../errors.ts'
import type { CommandContext } from './command.ts'

/**
 * Runs a command as what this process is for: its arguments, streams, signals and exit code are the process's.
 * Whoever reads its output may go away, as `head` does; the command does what it does nonetheless. So it does when
 * output cannot be written, on a full disk for one; but then it has not passed.
 * The first SIGINT, SIGTERM, SIGHUP or SIGQUIT ends the command in order; another, a while later, ends the process at
 * once. Under nohup(1) a SIGHUP does nothing. What nobody caught ends it in order too, as a fault of the machinery.
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
    if (!interruption.isFault()) process.stderr.write(context.signal.aborted ? 'interrupted\n' : renderError(error))
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

/**
 * What the file system or the network said needs no stack; anything else that is not ours is a mistake in the program.
 */
function renderError(error: unknown) {
  if (error instanceof WirelabError)
    return plainMessage(`${error.message.trimEnd()}\n${error.remedy === undefined ? '' : `${error.remedy}\n`}`)
  const words = error instanceof Error && !('syscall' in error) ? error.stack : messageOf(error)
  return plainMessage(`cannot go on: ${words}\n`)
}

/** What ends a command in order, and with which exit code: 128 and the signal's number. */
const endingSignals = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const
/** npm passes on the Ctrl-C that the terminal has sent already: what comes so soon is no second wish. */
const sameWishMs = 1000

function interruptible() {
  const controller = new AbortController()
  let code: number = endingSignals.SIGINT
  let sinceMs: number | undefined
  for (const [signal, exitCode] of Object.entries(endingSignals))
    process.on(signal, () => {
      if (signal === 'SIGHUP' && isUnderNohup()) return
      if (sinceMs === undefined) {
        sinceMs = performance.now()
        if (!controller.signal.aborted) code = exitCode
        controller.abort(new Error(`ended by ${signal}`))
      } else if (performance.now() - sinceMs > sameWishMs) {
        process.stderr.write('ended at once: machines die with this process, reports may be missing\n')
        process.exit(exitCode)
      }
    })
  let isFault = false
  const onFault = (error: unknown) => {
    if (isFault) return
    isFault = true
    if (!controller.signal.aborted) code = exitCodes.machinery
    process.stderr.write(renderError(error))
    controller.abort(error)
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  process.on('exit', () => {
    if (isFault && (process.exitCode ?? exitCodes.passed) === exitCodes.passed) process.exitCode = exitCodes.machinery
  })
  return { signal: controller.signal, exitCode: () => code, isFault: () => isFault }
}

/**
 * Node forgets which signals it was started with as ignored, so this looks for what else nohup(1) leaves: it is the
 * last command of the shell, and where the input was a terminal it is one that can't be read.
 */
function isUnderNohup(): boolean {
  if (basename(process.env['_'] ?? '') === 'nohup') return true
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? '0'
    return (Number.parseInt(flags, 8) & 3) === constants.O_WRONLY && readlinkSync('/proc/self/fd/0') === '/dev/null'
  } catch {
    return false
  }
}
