import { oneLine, plainMessage } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen, exitCodeOfDone, renderProgress } from '../session-client.ts'

const help = `Usage: ${ownCommand('rewind [NAME] [STEP] [-- OPTIONS]')}

Brings the machines of a lab that is up back as the last step left them, or the step with this name or id: their memory,
disks, processes and cables. What was typed since is undone, and shells that are open end. Where a process of the lab
runs in the background, or a capture, nothing can be saved: then steps are done again, from the last at which it could.

Options:
  --begin               back to before the first step
`

/** Its options, as parseArgs takes them. */
export const options = {
  begin: { type: 'boolean', default: false },
} as const

/** `npm run lab rewind`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal } = context
  const { session, rest } = chooseSession(positionals)
  const [step, ...more] = rest
  if (more.length > 0) throw usageError(`cannot rewind to "${more[0]}": expected one step at the most`, help)
  if (values.begin && step !== undefined)
    throw usageError(`cannot rewind to "${step}" and to the beginning: they are two places`, help)
  const onEvent = createSessionScreen(context, { verbose: true })
  const done = await ask(session.folder, { ask: 'rewind', step, toBegin: values.begin }, { signal, onEvent })
  if (done.again !== undefined)
    stdout.write(plainMessage(`Done again: ${done.steps.map(oneLine).join(', ')}; ${done.again}\n`))
  stdout.write(renderProgress(done.progress))
  return exitCodeOfDone(done)
}
