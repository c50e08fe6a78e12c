import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'
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
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** `npm run lab attach DIR`. Returns the exit code of the run. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  const [results, ...others] = positionals
  if (results === undefined || others.length > 0) throw usageError('cannot attach: expected one results folder', help)
  return attach(results, { cancel: values.cancel, cancelOnInterrupt: values['cancel-on-interrupt'] }, context)
}
