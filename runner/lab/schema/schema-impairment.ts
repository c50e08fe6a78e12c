import { z } from 'zod'
import type { Impairment } from '../lab.ts'
import { endpointSchema } from './schema-words.ts'

const percent = z.string().refine((value) => /^\d{1,3}(\.\d{1,3})?%$/.test(value) && Number.parseFloat(value) <= 100, {
  error: 'expected a share of the frames, such as "1%" or "0.5%"',
})

/** As tc(8) takes it. Less than a byte a second is nothing to it. */
const rate = z.string().refine(
  (value) => {
    const [, number, prefix = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([kmg]?)bit$/i.exec(value) ?? []
    const bits = Number(number) * 1000 ** ['', 'k', 'm', 'g'].indexOf(prefix.toLowerCase())
    return bits >= 8 && bits <= 1e12
  },
  { error: 'expected a rate of 8bit to 1000gbit, such as 10mbit or 512kbit' },
)

const delay = z.string().refine((value) => parseDelay(value) !== undefined, {
  error: 'expected a time such as 10ms, 250us or 0.5ms, at most 60s',
})

/** The keys that say how much worse than it is a cable is made. */
export const impairmentKeys = {
  delay: delay.optional().describe('Each frame is this much later: 10ms, 250us.'),
  jitter: delay.optional().describe('How much the delay varies, up and down.'),
  loss: percent.optional().describe('Share of the frames that vanish at random: "1%".'),
  rate: rate.optional().describe('So fast and no faster: 10mbit, 512kbit.'),
}

/** A check of them, as zod wants it: what must hold, and what was expected when it does not. */
export const jitterNeedsDelay = [
  (value: { delay?: string | undefined; jitter?: string | undefined }) =>
    value.jitter === undefined || value.delay !== undefined,
  'expected a delay beside jitter',
] as const

const isNotEmpty = [
  (value: object) => Object.keys(value).length > 0,
  'expected one of delay, jitter, loss, rate',
] as const

/** Impairment of a cable, as a link declares it. */
export const impairmentSchema = z
  .strictObject(impairmentKeys)
  .refine(...isNotEmpty)
  .refine(...jitterNeedsDelay)
  .describe('Makes the cable worse than it is, in each direction.')

/** Impairment of a link: in each direction, or of the frames that leave at some of its ends. */
export const linkImpairmentSchema = z
  .union([impairmentSchema, z.record(endpointSchema, impairmentSchema).refine(...isNotEmpty)])
  .describe(
    'Makes the cable worse than it is, in each direction; or only for frames that leave at an end: { "host:eth1": { delay: 10ms } }.',
  )

/** Milliseconds of `10ms`, `250us` or `0.5ms`, to the microsecond; undefined for any other text. */
function parseDelay(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(us|ms|s)$/.exec(text) ?? []
  const delayUs = Math.round(Number(number) * { us: 1, ms: 1000, s: 1_000_000 }[unit as 'us' | 'ms' | 's'])
  return delayUs <= 60_000_000 ? delayUs / 1000 : undefined
}

/** What a lab says of a cable's quality, in numbers. */
export function impairmentOf(raw: typeof impairmentSchema._output): Impairment {
  const delayMs = raw.delay === undefined ? undefined : parseDelay(raw.delay)
  const jitterMs = raw.jitter === undefined ? undefined : parseDelay(raw.jitter)
  return {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(raw.loss === undefined ? {} : { lossPercent: Number.parseFloat(raw.loss) }),
    ...(raw.rate === undefined ? {} : { rate: raw.rate }),
  }
}
