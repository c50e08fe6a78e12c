import { z } from 'zod'
import type { NicEvent } from '../../lab/lab-event.ts'
import { endpointSchema } from '../../lab/schema/schema-words.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import { readCableEnd } from './cable-end.ts'
import { keyed, type LabEventKind } from './lab-event.ts'

const schema = z
  .strictObject({
    endpoint: endpointSchema.describe('The NIC, an end of a cable.'),
    state: z.enum(['plugged', 'unplugged']).describe('Whether the NIC is in the machine.'),
  })
  .describe('A NIC is plugged into a running machine or pulled out of it.')

/** A NIC is plugged into a running machine or pulled out of it. */
export const nic: LabEventKind<NicEvent, z.output<typeof schema>> = {
  schema,
  read(raw, reading) {
    const endpoint = readCableEnd(raw, reading)
    return endpoint && { kind: 'nic', endpoint, state: raw.state }
  },
  render: ({ endpoint, state }) => `NIC ${renderEndpoint(endpoint)} ${state}`,
  usage: 'nic NODE:NIC unplugged|plugged',
  rawOf: (words) => keyed(['endpoint', 'state'], words),
  async happen(event, { testbed, impairments }) {
    await testbed.setNic(event)
    await impairments.setPlugged(event.endpoint, event.state === 'plugged')
  },
}
