import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen } from '../session-client.ts'

const help = `Usage: ${ownCommand('event [NAME] WORDS')}

Lets something happen in a lab that is up, in the words of a lab file, a report or a handout:
  link NODE:NIC down|silent|up [in|out]
  machine NODE crashed|stopped|frozen|running
  nic NODE:NIC unplugged|plugged
  impair NODE:NIC [delay 10ms] [jitter 2ms] [loss 1%] [rate 10mbit]
NAME may be left out where one lab is up.
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab event`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { signal } = context
  const { session, rest } = chooseSession(positionals)
  if (rest.length === 0) throw usageError('cannot let anything happen: expected an event', help)
  const onEvent = createSessionScreen(context)
  await ask(session.folder, { ask: 'event', words: rest.join(' ') }, { signal, onEvent })
  return 0
}
