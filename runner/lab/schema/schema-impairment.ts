import { z } from 'zod'
import type { Impairment } from '../lab.ts'
import { parseDuration } from '../text/duration.ts'
import { durationSchema } from './schema-words.ts'

const percent = z.string().refine((value) => /^\d{1,3}(\.\d{1,3})?%$/.test(value) && Number.parseFloat(value) <= 100, {
  error: 'expected a share of the frames, such as "1%" or "0.5%"',
})

const rate = z
  .string()
  .refine((value) => /^[1-9]\d{0,8}[kmg]bit$/.test(value), { error: 'expected a rate, such as 10mbit' })

/** The keys that say how much worse than it is a cable is made. */
export const impairmentKeys = {
  delay: durationSchema.optional().describe('Each frame is this much later.'),
  jitter: durationSchema.optional().describe('How much the delay varies, up and down.'),
  loss: percent.optional().describe('Share of the frames that vanish at random: "1%".'),
  rate: rate.optional().describe('So fast and no faster: 10mbit.'),
}

/** A check of them, as zod wants it: what must hold, and what was expected when it does not. */
export const jitterNeedsDelay = [
  (value: { delay?: string | undefined; jitter?: string | undefined }) =>
    value.jitter === undefined || value.delay !== undefined,
  'expected a delay beside jitter',
] as const

/** Impairment of a cable, as a link declares it. */
export const impairmentSchema = z
  .strictObject(impairmentKeys)
  .refine((value) => Object.keys(value).length > 0, 'expected one of delay, jitter, loss, rate')
  .refine(...jitterNeedsDelay)
  .describe('Makes the cable worse than it is, in each direction.')

/** What a lab says of a cable's quality, in numbers. */
export function impairmentOf(raw: typeof impairmentSchema._output): Impairment {
  const delayMs = raw.delay === undefined ? undefined : parseDuration(raw.delay)
  const jitterMs = raw.jitter === undefined ? undefined : parseDuration(raw.jitter)
  return {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(raw.loss === undefined ? {} : { lossPercent: Number.parseFloat(raw.loss) }),
    ...(raw.rate === undefined ? {} : { rate: raw.rate }),
  }
}
