import { messageOf, usageError } from '../errors.ts'
import { npmTakesOptions, ownCommand } from '../host/own-command.ts'
import type { CommandContext, CommandEntry } from './command.ts'
import { commands } from './commands/index.ts'
import { keepCompiled } from './compile-cache.ts'
import { runAsProcess } from './run-as-process.ts'

const afterDashes = npmTakesOptions ? `Options stand after "--", as in: ${ownCommand('-- --all')}\n` : ''

const help = () => `wirelab runs network labs in virtual machines.

${Object.values<CommandEntry>(commands)
  .map(({ usage, does }) => usageLine(usage, does))
  .join('\n')}

${afterDashes}"${ownCommand('-- --version')}" prints wirelab's version.
"${ownCommand('COMMAND -- --help')}" tells more about a command, "${ownCommand('run -- --help')}" about running labs.
Exit codes: 0 all passed, 1 an expectation failed, 2 the command line or a lab file is wrong, 3 the machinery broke,
130 after Ctrl-C, 143, 129 and 131 after SIGTERM, SIGHUP and SIGQUIT.
`

const usageLine = (usage: string, does = '') => `  ${ownCommand(usage).padEnd(35)}  ${does}`.trimEnd()

const isCommand = (word: string): word is keyof typeof commands => Object.hasOwn(commands, word)

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
    return (await commands.list.load()).command([], context)
  }
  if (isCommand(first)) return (await commands[first].load()).command(rest, context)
  await refuseMisspelt(first)
  return (await commands.run.load()).command(args, context)
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
