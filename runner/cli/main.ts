import { exitCodes, messageOf, WirelabError } from '../errors.ts'
import type { CommandContext } from './command.ts'

const help = `wirelab runs network labs in virtual machines.

  npm run lab                          lists the labs
  npm run lab NAME...                  runs labs; NAME is a name, name/variant or a path
  npm run lab check NAME...            reads lab files and says what is wrong with them
  npm run lab mutate NAME...           makes each declared mistake, and sees that the lab notices
  npm run lab doctor                   says what this host can do and what it lacks
  npm run lab image build|list|check|remove
  npm run lab shell NAME [NODE]        brings a lab up and gives a shell in a node
  npm run lab ps                       lists machines that were kept
  npm run lab down                     ends them, and removes what crashed runs left
  npm run lab report DIR               draws the reports of a results folder again

Options stand after "--", as in: npm run lab -- --all
"npm run lab COMMAND -- --help" tells more about a command. Exit codes: 0 all passed, 1 an expectation failed,
2 the command line or a lab file is wrong, 3 the machinery broke, 130 and 143 after Ctrl-C and SIGTERM.
`

type Command = (args: readonly string[], context: CommandContext) => Promise<number>

/** Loaded when they are called, so that listing labs need not load an SSH client. */
const commands: Record<string, () => Promise<Command>> = {
  check: async () => (await import('./check.ts')).checkCommand,
  mutate: async () => {
    const { runCommand } = await import('./run.ts')
    return (args, context) => runCommand('mutate', args, context)
  },
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  image: async () => (await import('./image.ts')).imageCommand,
  shell: async () => (await import('./shell.ts')).shellCommand,
  ps: async () => (await import('./kept.ts')).psCommand,
  down: async () => (await import('./kept.ts')).downCommand,
  report: async () => (await import('./report.ts')).reportCommand,
}

async function main(args: readonly string[]): Promise<number> {
  const interruption = interruptible()
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
    return await dispatch(args, context)
  } catch (error) {
    if (context.signal.aborted) {
      process.stderr.write('interrupted; all machines are gone\n')
      return interruption.exitCode()
    }
    process.stderr.write(renderError(error))
    return error instanceof WirelabError && error.kind === 'usage' ? exitCodes.usage : exitCodes.machinery
  }
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const [first, ...rest] = args
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(help)
    return 0
  }
  if (first === undefined) return (await import('./list.ts')).listCommand(context)
  const load = commands[first]
  if (load) return (await load())(rest, context)
  return (await import('./run.ts')).runCommand('run', args, context)
}

const renderError = (error: unknown) => {
  if (!(error instanceof WirelabError))
    return `cannot go on: ${error instanceof Error ? error.stack : messageOf(error)}\n`
  return `${error.message.trimEnd()}\n${error.remedy === undefined ? '' : `${error.remedy}\n`}`
}

/** The first signal ends the run in order; a second of the same kind ends the process, and the kernel its machines. */
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

process.exitCode = await main(process.argv.slice(2))
