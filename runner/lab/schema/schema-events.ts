import { z } from 'zod'
import { durationSchema, endpointSchema } from './schema-words.ts'

const percent = z.string().refine((value) => /^\d{1,3}(\.\d{1,3})?%$/.test(value) && Number.parseFloat(value) <= 100, {
  error: 'expected a share of the frames, such as "1%" or "0.5%"',
})

const rate = z
  .string()
  .refine((value) => /^[1-9]\d{0,8}[kmg]bit$/.test(value), { error: 'expected a rate, such as 10mbit' })

const impairmentKeys = {
  delay: durationSchema.optional().describe('Each frame is this much later.'),
  jitter: durationSchema.optional().describe('How much the delay varies, up and down.'),
  loss: percent.optional().describe('Share of the frames that vanish at random: "1%".'),
  rate: rate.optional().describe('So fast and no faster: 10mbit.'),
}

const jitterNeedsDelay = (value: { delay?: string | undefined; jitter?: string | undefined }) =>
  value.jitter === undefined || value.delay !== undefined

/** Impairment of a cable, as a link declares it. */
export const impairmentSchema = z
  .strictObject(impairmentKeys)
  .refine((value) => Object.keys(value).length > 0, 'expected one of delay, jitter, loss, rate')
  .refine(jitterNeedsDelay, 'expected a delay beside jitter')
  .describe('Makes the cable worse than it is, in each direction.')

/** The keys of an event: exactly one of them says what happens. */
export const eventKeys = {
  link: z
    .strictObject({
      endpoint: endpointSchema.describe('An end of the cable.'),
      state: z
        .enum(['up', 'down', 'silent'])
        .describe(
          'down: both ends lose their carrier. silent: they keep it, and frames vanish. up: all is well again.',
        ),
      direction: z
        .enum(['both', 'in', 'out'])
        .optional()
        .describe('Which frames vanish when silent, seen from the endpoint. Default: both.'),
    })
    .refine((value) => value.direction === undefined || value.state === 'silent', {
      error: 'expected state: silent beside direction',
      path: ['direction'],
    })
    .optional()
    .describe('A cable fails or is mended.'),
  machine: z
    .strictObject({
      node: z.string().describe('A machine.'),
      state: z
        .enum(['crashed', 'stopped', 'frozen', 'running'])
        .describe(
          'crashed: it is gone at once, its neighbours keep their carrier. stopped: it shuts down, they lose it. frozen: it stands still. running: it goes on, or starts anew with nothing of its former state.',
        ),
    })
    .optional()
    .describe('A machine fails or comes back.'),
  nic: z
    .strictObject({
      endpoint: endpointSchema.describe('The NIC, an end of a cable.'),
      state: z.enum(['plugged', 'unplugged']).describe('Whether the NIC is in the machine.'),
    })
    .optional()
    .describe('A NIC is plugged into a running machine or pulled out of it.'),
  impair: z
    .strictObject({
      endpoint: endpointSchema.describe('An end of a cable; frames that leave there.'),
      ...impairmentKeys,
    })
    .refine(jitterNeedsDelay, 'expected a delay beside jitter')
    .optional()
    .describe('Frames that leave by an end of a cable get late, lost or slow; without anything else, no longer.'),
}

/** Whether exactly one key of a mapping is there. */
export const hasOneKey = (value: object) => Object.values(value).filter((part) => part !== undefined).length === 1

/** One event. */
export const eventSchema = z
  .strictObject(eventKeys)
  .refine(hasOneKey, 'expected one of link, machine, nic, impair')
  .describe('Something happens to a cable, a machine or a NIC.')
