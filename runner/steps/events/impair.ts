import { z } from 'zod'
import { renderImpairment } from '../../events.ts'
import type { ImpairEvent } from '../../lab/lab-event.ts'
import { impairmentKeys, impairmentOf, jitterNeedsDelay } from '../../lab/schema/schema-impairment.ts'
import { endpointSchema } from '../../lab/schema/schema-words.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import { readCableEnd } from './cable-end.ts'
import type { LabEventKind } from './lab-event.ts'

const schema = z
  .strictObject({
    endpoint: endpointSchema.describe('An end of a cable; frames that leave there.'),
    ...impairmentKeys,
  })
  .refine(...jitterNeedsDelay)
  .describe('Frames that leave by an end of a cable get late, lost or slow; without anything else, no longer.')

/** Frames that leave by an end of a cable get late, lost or slow, or no longer. */
export const impair: LabEventKind<ImpairEvent, z.output<typeof schema>> = {
  schema,
  read(raw, reading) {
    const endpoint = readCableEnd(raw, reading)
    return endpoint && { kind: 'impair', endpoint, impairment: impairmentOf(raw) }
  },
  render: ({ endpoint, impairment }) => `frames out of ${renderEndpoint(endpoint)}: ${renderImpairment(impairment)}`,
  usage: 'impair NODE:NIC [delay 10ms] [jitter 2ms] [loss 1%] [rate 10mbit]',
  rawOf([endpoint = '', ...words]) {
    // As `render` writes it, or with the keys of a lab file.
    const said = words.join(' ').replace('not impaired', '').replaceAll('±', 'jitter').replaceAll(/[,:]/g, ' ')
    const pairs = said
      .replaceAll(/(\d) (ms|%)/g, '$1$2')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
    const keys = Object.fromEntries(pairs.flatMap((key, at) => (at % 2 === 0 ? [[key, pairs[at + 1] ?? '']] : [])))
    return { endpoint, ...keys }
  },
  happen: ({ endpoint, impairment }, { impairments }) => impairments.set(endpoint, impairment),
}
