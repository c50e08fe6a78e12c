import { z } from 'zod'
import type { MachineEvent } from '../../lab/lab-event.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { LabEventKind } from './lab-event.ts'

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
  read({ node, state }, { path, topology: { nodes, nodeNames }, report }) {
    const machines = nodes.flatMap(({ name, namespaceOf }) => (namespaceOf === undefined ? [name] : []))
    if (machines.includes(node)) return { kind: 'machine', node, state }
    report([...path, 'node'], {
      message: nodeNames.has(node)
        ? `cannot do this to "${node}": it is a namespace, not a machine`
        : `cannot do this to "${node}": no node has this name`,
      nearest: nearestWord(node, machines),
      hint: `the machines are ${machines.join(', ')}`,
    })
    return undefined
  },
  render: ({ node, state }) => `machine ${node} ${state}`,
  startsMachine: ({ state }) => state === 'running',
  async happen(event, { testbed, impairments }) {
    await testbed.setMachine(event)
    // Of a machine that only stood still this changes nothing.
    if (event.state === 'running') await impairments.renew(({ node }) => node === event.node)
  },
}
