import type { CommandContext } from './command.ts'
import { runAsProcess } from './run-as-process.ts'

const help = `wirelab runs network labs in virtual machines.

  npm run lab                          lists the labs
  npm run lab NAME...                  runs labs; NAME is a name, name/variant or a path
  npm run lab check NAME...            reads lab files and says what is wrong with them
  npm run lab mutate NAME...           makes each declared mistake, and sees that the lab notices
  npm run lab doctor                   says what this host can do and what it lacks
  npm run lab image build|list|check|remove
  npm run lab shell NAME [NODE]        brings a lab up and gives a shell in a node
  npm run lab ps                       lists machines that were kept
  npm run lab down [NAME]              ends them, and removes what crashed runs left
  npm run lab report DIR               draws the reports of a results folder again
  npm run lab plan NAME                prints a lab's machines and cables as JSON, for the Vagrantfile
  npm run lab graph NAME               draws a lab's topology: SVG, Mermaid or DOT
  npm run lab handout NAME             makes a workshop handout of the last run that passed
  npm run lab history DIR...           tells how cases fared over several runs
  npm run lab compare DIR DIR...       sets the verdicts of several runs side by side
  npm run lab merge DIR...             makes one results folder of several

Options stand after "--", as in: npm run lab -- --all
"npm run lab COMMAND -- --help" tells more about a command, "npm run lab run -- --help" about running labs.
Exit codes: 0 all passed, 1 an expectation failed, 2 the command line or a lab file is wrong, 3 the machinery broke,
130 and 143 after Ctrl-C and SIGTERM.
`

type Command = (args: readonly string[], context: CommandContext) => Promise<number>

/** Loaded when they are called, so that listing labs need not load an SSH client. */
const commands: Record<string, () => Promise<Command>> = {
  run: () => running('run'),
  check: async () => (await import('./commands/check.ts')).checkCommand,
  mutate: () => running('mutate'),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  image: async () => (await import('./commands/image.ts')).imageCommand,
  shell: async () => (await import('./commands/shell.ts')).shellCommand,
  ps: async () => (await import('./commands/kept.ts')).psCommand,
  down: async () => (await import('./commands/kept.ts')).downCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  graph: async () => (await import('./commands/graph.ts')).graphCommand,
  handout: async () => (await import('./commands/handout.ts')).handoutCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  merge: async () => (await import('./commands/merge.ts')).mergeCommand,
}

async function running(kind: 'run' | 'mutate'): Promise<Command> {
  const { runCommand } = await import('./commands/run.ts')
  return (args, context) => runCommand(kind, args, context)
}

await runAsProcess(async (args, context) => {
  const [first, ...rest] = args
  if (first === '--help' || first === '-h' || first === 'help') {
    context.stdout.write(help)
    return 0
  }
  if (first === undefined) return (await import('./commands/list.ts')).listCommand(context)
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined
  return load ? (await load())(rest, context) : (await running('run'))(args, context)
})
