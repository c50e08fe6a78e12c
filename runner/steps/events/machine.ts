import { z } from 'zod'
import type { MachineEvent } from '../../lab/lab-event.ts'
import { listNames } from '../../lab/text/list-names.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import { keyed, type LabEventKind } from './lab-event.ts'

const schema = z
  .strictObject({
    node: z.string().describe('A machine.'),
    state: z
      .enum(['crashed', 'stopped', 'frozen', 'running'])
      .describe(
        'crashed: it is gone at once, its neighbours keep their carrier. stopped: it shuts down, they lose it. frozen: it stands still. running: it goes on, or starts anew with nothing of its former state.',
      ),
  })
  .describe('A machine fails or comes back.')

/** A machine fails or comes back. */
export const machine: LabEventKind<MachineEvent, z.output<typeof schema>> = {
  schema,
  read({ node, state }, { path, topology: { nodes, byName, nodeNames }, report }) {
    const named = byName.get(node)
    if (named !== undefined && named.namespaceOf === undefined) return { kind: 'machine', node, state }
    const machines = () => nodes.flatMap(({ name, namespaceOf }) => (namespaceOf === undefined ? [name] : []))
    report([...path, 'node'], {
      message: nodeNames.has(node)
        ? `cannot do this to "${node}": it is a namespace, not a machine`
        : `cannot do this to "${node}": no node has this name`,
      nearest: () => nearestWord(node, machines()),
      hint: () => `the machines are ${listNames(machines())}`,
    })
    return undefined
  },
  render: ({ node, state }) => `machine ${node} ${state}`,
  usage: 'machine NODE crashed|stopped|frozen|running',
  rawOf: (words) => keyed(['node', 'state'], words),
  startsMachine: ({ state }) => state === 'running',
  async happen(event, { testbed, impairments }) {
    const stoodStill = testbed.absence(event.node) === 'frozen'
    await testbed.setMachine(event)
    if (event.state === 'running' && !stoodStill) await impairments.renew(event.node)
  },
}
