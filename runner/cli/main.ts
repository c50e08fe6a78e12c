import { messageOf, usageError } from '../errors.ts'
import { npmTakesOptions, ownCommand } from '../host/own-command.ts'
import type { CommandContext } from './command.ts'
import { keepCompiled } from './compile-cache.ts'
import { runAsProcess } from './run-as-process.ts'

type Command = (args: readonly string[], context: CommandContext) => Promise<number>

interface CommandEntry {
  /** What stands behind `npm run lab` in the help. */
  readonly usage: string
  readonly does?: string
  /** Loads it when it is called, so that listing labs need not load an SSH client. */
  load(): Promise<Command>
}

const loadRun = async (): Promise<Command> => (await import('./commands/run.ts')).runCommand

const loadList = async (): Promise<Command> => (await import('./commands/list.ts')).listCommand

/** Behind npm nobody writes "run" twice. */
const runUsage = npmTakesOptions ? 'NAME...' : 'run NAME...'

/** All commands, in the order of the help. */
const commands: Record<string, CommandEntry> = {
  list: {
    usage: '[list]',
    does: 'lists the labs',
    load: loadList,
  },
  run: {
    usage: runUsage,
    does: 'runs labs; NAME is a name or a path, or NAME/variant',
    load: loadRun,
  },
  show: {
    usage: 'show NAME',
    does: 'tells what a lab is made of, and the names of its steps',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  check: {
    usage: 'check NAME...',
    does: 'reads lab files and says what is wrong with them',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  mutate: {
    usage: 'mutate NAME...',
    does: 'makes each declared mistake, and sees that the lab notices',
    load: async () => (await import('./commands/run.ts')).mutateCommand,
  },
  setup: {
    usage: 'setup',
    does: 'prepares this host: packages, image, template',
    load: async () => (await import('./setup.ts')).setupCommand,
  },
  doctor: {
    usage: 'doctor',
    does: 'says what this host can do and what it lacks',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  image: {
    usage: 'image build|list|check|remove',
    load: async () => (await import('./commands/image.ts')).imageCommand,
  },
  shell: {
    usage: 'shell NAME [NODE]',
    does: 'brings a lab up and gives a shell in a node',
    load: async () => (await import('./commands/shell.ts')).shellCommand,
  },
  ps: {
    usage: 'ps',
    does: 'lists machines that were kept',
    load: async () => (await import('./commands/ps.ts')).psCommand,
  },
  down: {
    usage: 'down [NAME]',
    does: 'ends them, and removes what crashed runs left',
    load: async () => (await import('./commands/down.ts')).downCommand,
  },
  report: {
    usage: 'report DIR',
    does: 'draws the reports of a results folder again',
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  plan: {
    usage: 'plan NAME',
    does: "prints a lab's machines and cables as JSON, for the Vagrantfile",
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  graph: {
    usage: 'graph NAME',
    does: "draws a lab's topology: SVG, Mermaid or DOT",
    load: async () => (await import('./commands/graph.ts')).graphCommand,
  },
  handout: {
    usage: 'handout NAME',
    does: 'makes a workshop handout of the last run that passed',
    load: async () => (await import('./commands/handout.ts')).handoutCommand,
  },
  history: {
    usage: 'history DIR...',
    does: 'tells how cases fared over several runs',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  compare: {
    usage: 'compare DIR DIR...',
    does: 'sets the verdicts of several runs side by side',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  merge: {
    usage: 'merge DIR...',
    does: 'makes one results folder of several',
    load: async () => (await import('./commands/merge.ts')).mergeCommand,
  },
}

const help = () => `wirelab runs network labs in virtual machines.

${Object.values(commands)
  .map(({ usage, does }) => usageLine(usage, does))
  .join('\n')}

${npmTakesOptions ? `Options stand after "--", as in: ${ownCommand('-- --all')}\n` : ''}"${ownCommand('-- --version')}" prints wirelab's version.
"${ownCommand('COMMAND -- --help')}" tells more about a command, "${ownCommand('run -- --help')}" about running labs.
Exit codes: 0 all passed, 1 an expectation failed, 2 the command line or a lab file is wrong, 3 the machinery broke,
130 after Ctrl-C, 143, 129 and 131 after SIGTERM, SIGHUP and SIGQUIT.
`

const usageLine = (usage: string, does = '') => `  ${ownCommand(usage).padEnd(37)}${does}`.trimEnd()

keepCompiled()
await runAsProcess(async (args, context) => {
  standWhereCalled()
  const [first, ...rest] = args
  if (first === '--help' || first === '-h' || first === 'help') {
    context.stdout.write(help())
    return 0
  }
  if (first === '--version') return printVersion(context)
  if (first === undefined) {
    await demandNoOption()
    return (await loadList())([], context)
  }
  const named = Object.hasOwn(commands, first) ? commands[first] : undefined
  if (named === undefined) await refuseMisspelt(first)
  return named ? (await named.load())(rest, context) : (await loadRun())(args, context)
})

/** npm changes to the package's folder and says where it was called: paths are read from there. */
function standWhereCalled() {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env
  if (script !== 'lab' || !folder) return
  try {
    process.chdir(folder)
  } catch (error) {
    throw usageError(`cannot go to the folder that npm was called in: ${messageOf(error)}`)
  }
}

async function printVersion({ stdout }: CommandContext) {
  stdout.write(`${(await import('../providers/made-with.ts')).wirelabVersion}\n`)
  return 0
}

/** Whoever meant to run something, as in `npm run lab --all`, gets no list in its place. */
async function demandNoOption() {
  const { demandNothingSwallowed } = await import('./swallowed-options.ts')
  demandNothingSwallowed([], (await import('./run-options.ts')).runOptions)
}

/** What is near a command is one misspelt, unless a lab or a file is called so, or more nearly so. */
async function refuseMisspelt(word: string) {
  const { nearestWord } = await import('../lab/text/nearest.ts')
  const nearest = nearestWord(word, Object.keys(commands))
  if (nearest === undefined || word.startsWith('-')) return
  const { listLabNames, findLab } = await import('../lab/find-lab.ts')
  const { labsFolders } = await import('./labs-folder.ts')
  if (nearestWord(word, [nearest, ...labsFolders.flatMap(listLabNames)]) !== nearest) return
  try {
    findLab(word, ...labsFolders)
  } catch {
    throw usageError(
      `cannot find "${word}": there is no command, lab or file of this name`,
      `did you mean "${nearest}"?`,
    )
  }
}
