import { renderDot } from '../../../reports/topology/dot.ts'
import { renderMermaid } from '../../../reports/topology/mermaid.ts'
import { drawNetwork } from '../../../reports/topology/network.ts'
import { loadDrawSvg, renderSvgFile } from '../../../reports/topology/svg.ts'
import { type Drawing, drawTopology } from '../../../reports/topology/topology.ts'
import { topologyOf } from '../../announce-scope.ts'
import { usageError } from '../../errors.ts'
import { ownCommand, quietCommand } from '../../host/own-command.ts'
import { askMachine } from '../../network/read-network.ts'
import { planRun } from '../../plan.ts'
import { listAllKept } from '../../providers/index.ts'
import type { CommandOptions } from '../../providers/provider.ts'
import type { Argv } from '../../transports/transport.ts'
import { ask } from '../../workshop/ask.ts'
import { chooseSession, isNamed, listSessions } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, readChoice, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('graph NAME [-- --live] [-- --format svg|mermaid|dot]')}

Prints a lab's topology: machines as boxes with their namespaces, and the cables with the names of the NICs at both
ends. NAME may be name/variant; else the first variant is drawn. To keep it in a file:
${quietCommand('graph NAME > lab.svg')}

With --live, the network as the kernels of a lab say that is up ("up NAME", or kept by a run): each interface with its
addresses, in its namespace; which is a veth pair, a port of which bridge, a VLAN, a macvlan, a VXLAN or a bond on what.
NAME may be left out where one is up. Of kept machines nobody knows what befell their cables.
`

/** Its options, as parseArgs takes them. */
export const options = {
  format: { type: 'string' },
  live: { type: 'boolean', default: false },
} as const

/** `npm run lab graph NAME`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [name, ...more] = positionals
  if (more.length > 0 || (name === undefined && !values.live))
    throw usageError('cannot draw: expected the name of one lab', help)
  const format = readChoice('format', values.format, ['svg', 'mermaid', 'dot'])
  const drawing = values.live
    ? await drawLive(name, context)
    : drawTopology(topologyOf(load(name ?? '', context).variant))
  if (format === 'mermaid') context.stdout.write(renderMermaid(drawing))
  else if (format === 'dot') context.stdout.write(renderDot(drawing))
  else context.stdout.write(renderSvgFile((await loadDrawSvg())(drawing)))
  return 0
}

function load(name: string, { errorColour: colour }: CommandContext) {
  const [selection] = loadLabs([name], { all: false, colour })
  const variant = selection?.lab.variants.find(
    (one) => selection.variant === undefined || one.name === selection.variant,
  )
  if (selection === undefined || variant === undefined) throw usageError(`cannot draw ${name}: it has no such variant`)
  return { lab: selection.lab, variant }
}

/** Of a session, or else of machines that a run has kept. @throws WirelabError of kind usage when there is neither */
async function drawLive(name: string | undefined, context: CommandContext): Promise<Drawing> {
  const { signal } = context
  if (name === undefined || listSessions().some((session) => isNamed(session, name))) {
    const { session } = chooseSession(name === undefined ? [] : [name])
    const { topology, happened, machines } = await ask(session.folder, { ask: 'network' }, { signal })
    return drawNetwork(topology, machines, happened)
  }
  const { lab, variant } = load(name, context)
  const kept = (await listAllKept()).find((one) => one.lab === lab.name && one.variant === variant.name)
  if (kept === undefined)
    throw usageError(
      `cannot draw ${name} as it is: it is not up`,
      `${ownCommand(`up ${name}`)} brings it up; ${ownCommand(`${name} -- --observe`)} draws it after each step`,
    )
  const machines = planRun(lab.name, variant).machines.map(({ name: machine, nics }) => {
    const run = (argv: Argv, options: CommandOptions) => kept.run(machine, argv, options)
    const endOf = (mac: string) => nics.find((nic) => nic.mac === mac)?.name
    return askMachine(machine, { run }, (mac) => endOf(mac) && `${machine}:${endOf(mac)}`, signal)
  })
  return drawNetwork(topologyOf(variant), await Promise.all(machines))
}
