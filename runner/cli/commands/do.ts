import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen, exitCodeOfDone, renderProgress } from '../session-client.ts'

const help = `Usage: ${ownCommand('do [NAME] [STEP] [-- OPTIONS]')}

Does the next step of a lab that is up, or all up to the step with this name or id, and shows its commands and what they
print. NAME may be left out where one lab is up. What is claimed is not judged: see "verify".
After Ctrl-C the step that was begun is done to its end, and no other is begun.

Options:
  --verify              judge what the steps claim, too
  --by-hand             you have done them by hand: they only count as done
`

/** Its options, as parseArgs takes them. */
export const options = {
  verify: { type: 'boolean', default: false },
  'by-hand': { type: 'boolean', default: false },
} as const

/** `npm run lab do`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal } = context
  const { session, rest } = chooseSession(positionals)
  const [until, ...more] = rest
  if (more.length > 0) throw usageError(`cannot do "${more[0]}": expected one step at the most`, help)
  const wish = { until, verify: values.verify, byHand: values['by-hand'] }
  const onEvent = createSessionScreen(context, { verbose: true })
  const done = await ask(session.folder, { ask: 'do', ...wish }, { signal, onEvent })
  stdout.write(renderProgress(done.progress))
  return exitCodeOfDone(done)
}
