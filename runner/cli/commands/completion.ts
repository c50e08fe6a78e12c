import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext, CommandEntry } from '../command.ts'
import { type Given, helpOption, withHelp } from '../options.ts'
import { type Completed, renderCompletion } from '../render-completion.ts'
import { commands, shells } from './index.ts'

const help = `Usage: ${ownCommand(`completion ${shells.join('|')}`)}

Prints what completes wirelab's commands, options and the names of labs in a shell. It is for the command "wirelab", as a
package has it. To use it, put the line into the file:

  bash  ~/.bashrc                    source <(wirelab completion bash)
  zsh   ~/.zshrc, behind compinit    source <(wirelab completion zsh)
  fish  ~/.config/fish/config.fish   wirelab completion fish | source
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab completion SHELL`. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  const shell = shells.find((one) => one === positionals[0])
  if (shell === undefined || positionals.length > 1)
    throw usageError(`cannot complete: expected one of ${shells.join(', ')}`, help)
  stdout.write(renderCompletion(shell, await completedCommands()))
  return 0
}

const completedCommands = (): Promise<Completed[]> =>
  Promise.all(
    Object.entries<CommandEntry>(commands).map(async ([name, { does = '', takes, load }]) => {
      const table = Object.entries({ ...(await load()).options, ...helpOption })
      const of = (type: string) => table.filter(([, option]) => option.type === type).map(([option]) => option)
      return {
        name,
        does,
        takes: takes ?? [],
        flags: of('boolean').map((option) => (option.length === 1 ? `-${option}` : `--${option}`)),
        valued: of('string').map((option) => `--${option}`),
      }
    }),
  )
