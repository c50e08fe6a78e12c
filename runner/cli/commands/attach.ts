import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { attach } from '../run-on.ts'

const help = `Usage: ${ownCommand('attach DIR [-- OPTIONS]')}

Goes on to follow a run that an engine does (--on), and makes its report when all parts are done. DIR is its results
folder. Parts that were lost are handed over again.

Options:
  --cancel               end the parts instead
  --cancel-on-interrupt  Ctrl-C ends the parts; without it they go on
`

/** Its options, as parseArgs takes them. */
export const options = {
  cancel: { type: 'boolean', default: false },
  'cancel-on-interrupt': { type: 'boolean', default: false },
} as const

/** `npm run lab attach DIR`. Returns the exit code of the run. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [results, ...others] = positionals
  if (results === undefined || others.length > 0) throw usageError('cannot attach: expected one results folder', help)
  return attach(results, { cancel: values.cancel, cancelOnInterrupt: values['cancel-on-interrupt'] }, context)
}
