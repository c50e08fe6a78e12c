import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { removeStaleRuntimeFolders } from '../../host/runtime-folder.ts'
import { listAllKept, providers } from '../../providers/index.ts'
import { endSession } from '../../workshop/ask.ts'
import { isNamed, listSessions, nameOf } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('down [NAME]')}

Ends labs that are up, and the machines that "--keep" left up, those of one lab (name or name/variant) or all, and
removes what crashed runs have left. The machines of a run that is still going on stay.
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab down`. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, { stdout, signal }: CommandContext): Promise<number> {
  const [only, ...more] = positionals
  if (more.length > 0) throw usageError('cannot read the command line: expected one lab at the most', help)
  const sessions = listSessions().filter((one) => only === undefined || isNamed(one, only))
  for (const session of sessions) {
    const machines = await endSession(session.folder, signal)
    stdout.write(`${nameOf(session)}: ended ${machines.join(', ')}\n`)
  }
  const meant = (await listAllKept()).filter(
    ({ lab, variant }) => only === undefined || [lab, `${lab}/${variant}`].includes(only),
  )
  const [ended, spared] = [meant.filter((one) => !one.untouchable), meant.filter((one) => one.untouchable)]
  for (const { end } of ended) await end()
  const stale = removeStaleRuntimeFolders()
  if (only !== undefined && ended.length === 0 && sessions.length === 0)
    throw nothingToEnd(only, spared[0]?.untouchable)
  for (const { lab, variant, machines } of ended)
    stdout.write(`${lab}/${variant}: ended ${machines.map(({ name }) => name).join(', ')}\n`)
  for (const { lab, variant, untouchable } of spared) stdout.write(`${lab}/${variant}: not ended, ${untouchable}\n`)
  if (stale > 0) stdout.write(`removed what ${stale} crashed runs had left\n`)
  const removed = only === undefined ? await removeLeftovers(stdout) : 0
  if (meant.length + sessions.length + stale + removed === 0) stdout.write('Nothing is kept and nothing is left.\n')
  return 0
}

const nothingToEnd = (name: string, untouchable = 'no machines of it are kept') =>
  usageError(`cannot end ${name}: ${untouchable}`, `${ownCommand('ps')} lists what is kept`)

/** Removes what killed runs left with providers. Returns how much there was. @throws WirelabError when some stays */
async function removeLeftovers(stdout: NodeJS.WriteStream): Promise<number> {
  let removed = 0
  for (const { leftovers } of providers) {
    const names = (await leftovers?.remove()) ?? []
    if (names.length > 0)
      stdout.write(`removed from ${leftovers?.place} what crashed runs had left: ${names.join(', ')}\n`)
    removed += names.length
  }
  return removed
}
