import { z } from 'zod'
import type { LinkEvent } from '../../lab/lab-event.ts'
import { endpointSchema } from '../../lab/schema/schema-words.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import { readCableEnd } from './cable-end.ts'
import { keyed, type LabEventKind } from './lab-event.ts'

const schema = z
  .strictObject({
    endpoint: endpointSchema.describe('An end of the cable.'),
    state: z
      .enum(['up', 'down', 'silent'])
      .describe('down: both ends lose their carrier. silent: they keep it, and frames vanish. up: all is well again.'),
    direction: z
      .enum(['both', 'in', 'out'])
      .optional()
      .describe('Which frames vanish when silent, seen from the endpoint. Default: both.'),
  })
  .refine((value) => value.direction === undefined || value.state === 'silent', {
    error: 'expected state: silent beside direction',
    path: ['direction'],
  })
  .describe('A cable fails or is mended.')

/** A cable fails or is mended. */
export const link: LabEventKind<LinkEvent, z.output<typeof schema>> = {
  schema,
  read(raw, reading) {
    const endpoint = readCableEnd(raw, reading)
    return endpoint && { kind: 'link', endpoint, state: raw.state, direction: raw.direction ?? 'both' }
  },
  render: ({ endpoint, state, direction }) =>
    `link ${renderEndpoint(endpoint)} ${state}${direction === 'both' ? '' : ` (${direction})`}`,
  usage: 'link NODE:NIC down|silent|up [in|out]',
  rawOf: (words) =>
    keyed(
      ['endpoint', 'state', 'direction'],
      words.map((word) => word.replace(/^\((.*)\)$/, '$1')),
    ),
  happen: (event, { testbed }) => testbed.setLink(event),
}
