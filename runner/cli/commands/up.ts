import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { providerNames } from '../../providers/index.ts'
import { ask } from '../../workshop/ask.ts'
import type { CommandContext } from '../command.ts'
import { demandPanes, openPanesOf } from '../open-panes.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen, exitCodeOfDone, renderProgress } from '../session-client.ts'
import { startSession } from '../start-session.ts'

const help = `Usage: ${ownCommand('up NAME[/VARIANT] [-- OPTIONS]')}

Brings a lab's machines and cables up, and leaves them in your hands: "do" does its steps, "verify" judges what it
claims, "event" lets things happen, "exec" and "shell" are on its nodes, "pcap" captures, "inspect" shows how all of it
is, and "down" ends it.

Options:
  --until STEP          do its steps up to the one with this name or id
  --tmux                then show a shell in each node, in a pane of tmux
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
`

/** Its options, as parseArgs takes them. */
export const options = {
  until: { type: 'string' },
  tmux: { type: 'boolean', default: false },
  accel: { type: 'string' },
  provider: { type: 'string' },
} as const

/** `npm run lab up NAME`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal, errorColour } = context
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot bring a lab up: expected one lab', help)
  const { until, accel: accelerator, provider } = values
  if (values.tmux) demandPanes()
  const folder = await startSession({ name, accelerator, provider, colour: errorColour })
  const onEvent = createSessionScreen(context, { verbose: true, heading: true })
  const done = await ask(folder, { ask: 'up', ...(until === undefined ? {} : { until }) }, { signal, onEvent })
  if (values.tmux) await openPanesOf(folder, context)
  stdout.write(renderProgress(done.progress))
  stdout.write(`${ownCommand('shell')} gives a shell in a node; ${ownCommand('down')} ends it\n`)
  return exitCodeOfDone(done)
}
