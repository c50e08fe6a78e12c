import { renderJson } from '../../../reports/text/json.ts'
import { ownCommand } from '../../host/own-command.ts'
import { listAllKept, providers } from '../../providers/index.ts'
import { listSessions, nameOf } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('ps [-- --json]')}

Lists labs that are up, the machines that "--keep" left up, and those that crashed runs left in libvirt.
`

/** Its options, as parseArgs takes them. */
export const options = {
  json: { type: 'boolean', default: false },
} as const

/** `npm run lab ps`. */
export const command = withHelp(help, options, act)

async function act({ values }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  const kept = await listAllKept()
  const sessions = listSessions()
  if (values.json) {
    const left = await Promise.all(
      providers.map(async ({ leftovers }) =>
        ((await leftovers?.find()) ?? []).map((name) => ({ place: leftovers?.place, name })),
      ),
    )
    stdout.write(
      `${renderJson({ sessions: sessions.map(({ folder: _, ...record }) => record), kept, leftovers: left.flat() }, 2)}\n`,
    )
    return 0
  }
  for (const session of sessions)
    stdout.write(`${nameOf(session)}  up since ${session.since}  (${Object.keys(session.nodes).join(', ')})\n`)
  if (kept.length + sessions.length === 0) stdout.write('No machines are kept.\n')
  for (const { lab, variant, since, machines, nodes, untouchable, isComplete } of kept) {
    const note = untouchable ?? (isComplete ? undefined : 'its bring-up was interrupted')
    stdout.write(`${lab}/${variant}  since ${since}${note === undefined ? '' : ` (${note})`}\n`)
    for (const machine of machines) {
      const inside = Object.keys(nodes).filter((node) => nodes[node] === machine.name && node !== machine.name)
      const state = machine.pid === undefined ? 'gone' : `up, process ${machine.pid}`
      stdout.write(`  ${machine.name}  ${state}${inside.length > 0 ? `  (holds ${inside.join(', ')})` : ''}\n`)
    }
  }
  let anyLeft = false
  for (const { leftovers } of providers) {
    for (const name of (await leftovers?.find()) ?? []) {
      stdout.write(`left in ${leftovers?.place} by a run that is gone: ${name}\n`)
      anyLeft = true
    }
  }
  if (anyLeft) stdout.write(`${ownCommand('down')} removes what is left.\n`)
  if (kept.length + sessions.length > 0)
    stdout.write(`${ownCommand('shell NAME [NODE]')} gives a shell in one; ${ownCommand('down')} ends them.\n`)
  return 0
}
