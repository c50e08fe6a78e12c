import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen, exitCodeOfDone, renderPuzzle } from '../session-client.ts'

const help = `Usage: ${ownCommand('verify [NAME] [STEP] [-- --verbose]')}

Judges now what a lab that is up claims, as a run would: of the step with this name or id, or else of all since the last
that did something. So what you typed by hand is judged, too. NAME may be left out where one lab is up.
The exit code is 0 when all is as claimed, 1 when something is not, 3 when that can't be told.
("check" reads lab files, and asks no machine.)
`

/** Its options, as parseArgs takes them. */
export const options = {
  verbose: { type: 'boolean', default: false },
} as const

/** `npm run lab verify`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal } = context
  const { session, rest } = chooseSession(positionals)
  const [step, ...more] = rest
  if (more.length > 0) throw usageError(`cannot verify "${more[0]}": expected one step at the most`, help)
  const onEvent = createSessionScreen(context, { verbose: values.verbose })
  const request = { ask: 'verify', ...(step === undefined ? {} : { step }) } as const
  const done = await ask(session.folder, request, { signal, onEvent })
  if (done.steps.length === 0) stdout.write('Nothing is claimed here; name a step to judge what it claims.\n')
  if (done.progress.puzzle !== undefined) stdout.write(renderPuzzle(done.progress.puzzle))
  return exitCodeOfDone(done)
}
