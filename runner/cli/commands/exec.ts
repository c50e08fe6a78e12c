import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession, isNamed, listSessions } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { whileRead } from '../reader-leaves.ts'
import { tellDeaths } from '../session-client.ts'

const help = `Usage: ${ownCommand('exec [NAME] NODE -- COMMAND...')}

Runs a command on a node of a lab that is up: its input and output are the caller's, and so is its exit code. NAME may
be left out where one lab is up. No shell reads the command: for pipes and the like, run "bash -c".
`

/** Its options, as parseArgs takes them. What stands behind the node is the command's. */
export const options = {}

/** `npm run lab exec`. Returns the exit code of the command. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { stdout, stderr } = context
  if (args[0] === '--help' || args[0] === '-h') {
    stdout.write(help)
    return 0
  }
  const { session, node, argv } = readWords(args)
  return whileRead(context, async (signal) => {
    const { exitCode } = await ask(
      session.folder,
      { ask: 'exec', node, argv },
      {
        signal,
        interrupted: () => context.signal.aborted,
        onEvent: tellDeaths(context),
        onOutput: (stream, chunk) => void (stream === 'stdout' ? stdout : stderr).write(chunk),
        ...(process.stdin.isTTY ? {} : { input: process.stdin }),
      },
    )
    return context.signal.aborted ? context.signalExitCode() : exitCode
  })
}

/** A first word that names a session and has a node of it behind it is no node. */
function readWords(args: readonly string[]) {
  const [first = '', second = ''] = args
  const sessions = listSessions()
  const named = sessions.filter((one) => isNamed(one, first) && Object.hasOwn(one.nodes, second))
  const isNode = sessions.length === 1 && named.length === 0
  const { session, rest } = isNode ? { session: sessions[0], rest: args } : chooseSession(args, sessions)
  const [node, ...words] = rest
  const argv = words[0] === '--' ? words.slice(1) : words
  if (session === undefined || node === undefined || argv.length === 0)
    throw usageError('cannot run a command: expected a node and a command', help)
  return { session, node, argv }
}
