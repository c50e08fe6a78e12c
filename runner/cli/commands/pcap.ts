import { exitCodes, usageError } from '../../errors.ts'
import { quietCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { whileRead } from '../reader-leaves.ts'

const help = `Usage: ${quietCommand('pcap [NAME] NODE:NIC')} | wireshark -k -i -

Writes all frames that pass an interface of a lab that is up to the output, as pcap and as they come, until Ctrl-C. At
the end of a cable they are captured on it, with the host's clock; at any other interface of a node in its machine.
NAME may be left out where one lab is up.
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab pcap`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, stderr } = context
  const { session, rest } = chooseSession(positionals)
  const [endpoint, ...more] = rest
  if (endpoint === undefined || more.length > 0) throw usageError('cannot capture: expected one interface', help)
  if (stdout.isTTY) throw usageError('cannot write frames to a terminal', help)
  const onOutput = (_stream: string, chunk: Buffer) => void stdout.write(chunk)
  return whileRead(context, async (signal) => {
    const { isCut } = await ask(session.folder, { ask: 'pcap', endpoint }, { signal, onOutput })
    if (isCut) stderr.write('the capture ended before its time: there was no more room for it\n')
    return isCut ? exitCodes.machinery : 0
  })
}
