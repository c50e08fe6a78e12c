import { z } from 'zod'
import type { LabEvent } from '../../lab/lab-event.ts'
import { eventSchema, readEvent } from '../events/index.ts'
import { makeHappen } from '../events/make-happen.ts'
import type { Action } from './action.ts'

const keys = {
  events: z
    .array(eventSchema)
    .min(1, 'expected at least one event')
    .describe('What happens to cables, machines and NICs, in this order, after the commands.'),
}

/** Makes events of the lab happen, one after the other. */
export const events: Action<readonly LabEvent[], z.output<z.ZodObject<typeof keys>>> = {
  key: 'events',
  keys,
  read: (raw, { path, topology, context: { report } }) => ({
    value: raw.events.flatMap((event, number) => {
      const read = readEvent(event, { path: [...path, 'events', number], topology, report })
      return read === undefined ? [] : [read]
    }),
  }),
  events: (list) => list,
  async perform({ value }, step, context) {
    for (const event of value) await makeHappen(event, step.index, context)
    return undefined
  },
}
