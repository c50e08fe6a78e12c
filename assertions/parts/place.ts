import { z } from 'zod'
import type { Answer, CommandProbe, Judgement } from '../assertion.ts'
import { command } from './answer.ts'
import { readListing } from './listing.ts'
import { inconclusive } from './verdict.ts'

// A claim that something is absent is true of a misspelt place as well. So the place is asked for too.

const deviceSchema = z.object({
  linkinfo: z.object({ info_kind: z.string().optional(), info_slave_kind: z.string().optional() }).optional(),
})

/** The question for the interface in which, or by which, a thing is said to be absent; none for other claims. */
export const placeProbe = (is: string, node: string, nic: string | undefined): readonly CommandProbe[] =>
  is === 'absent' && nic !== undefined ? [command(node, 'ip', '-j', '-d', 'link', 'show', 'dev', nic)] : []

/**
 * Why the interface proves no absence: it isn't there, or is neither a bridge nor a port of one where that is wanted.
 * Undefined when it does, or when nothing was asked.
 */
export function whyNoPlace(
  about: string,
  answer: Answer | undefined,
  wanted?: 'bridge' | 'bridge or port',
): Judgement | undefined {
  if (answer === undefined) return undefined
  const { objects, judgement } = readListing(deviceSchema, answer, about, true)
  if (judgement !== undefined) return judgement
  const [device] = objects
  if (device === undefined) return inconclusive(`${about}: ip neither shows nor misses it`)
  const { info_kind: kind, info_slave_kind: role } = device.linkinfo ?? {}
  if (wanted === undefined || kind === 'bridge' || (wanted === 'bridge or port' && role === 'bridge')) return undefined
  return inconclusive(`${about} is no ${wanted === 'bridge' ? 'bridge' : 'bridge, and no port of one'}`)
}
