import { z } from 'zod'
import type { Judgement } from '../assertion.ts'
import * as bounds from '../parts/bounds.ts'
import { failed, inconclusive, judged, passed } from '../parts/verdict.ts'
import type { Gap, MeasuredOutage } from './measure.ts'

/** Bounds of a time, in milliseconds. */
export interface TimeBounds {
  readonly atLeastMs?: number
  readonly atMostMs?: number
}

/** One thing that a lab claims of an outage. */
export type OutageClaim =
  | { readonly kind: 'longest-gap'; readonly bounds: TimeBounds }
  | { readonly kind: 'recovers'; readonly recovers: boolean }
  | { readonly kind: 'lost' | 'duplicated' | 'gaps'; readonly bounds: bounds.Bounds }

/** How many datagrams or gaps, as a lab writes it. */
export const countSchema = z.strictObject(bounds.boundKeys).refine(bounds.isBounded, bounds.boundsWanted)

/** The claim in words, enough to be a test case's name in its step. */
export function renderOutageClaim(claim: OutageClaim): string {
  if (claim.kind === 'recovers') return claim.recovers ? 'the stream recovers' : 'the stream does not recover'
  if (claim.kind === 'longest-gap') {
    const { atLeastMs, atMostMs } = claim.bounds
    const least = atLeastMs === undefined ? [] : [`at least ${seconds(atLeastMs)}`]
    const most = atMostMs === undefined ? [] : [`at most ${seconds(atMostMs)}`]
    return `the longest gap is ${[...least, ...most].join(' and ')}`
  }
  if (claim.kind === 'gaps') return `the stream has ${bounds.renderBounds(claim.bounds, 'gap')}`
  return `${bounds.renderBounds(claim.bounds, 'datagram')} ${(claim.bounds.count ?? 2) < 2 ? 'is' : 'are'} ${claim.kind}`
}

/** What a handout asks in the claim's place. */
export function outageQuestion({ kind }: OutageClaim): string {
  if (kind === 'recovers') return 'Will the stream recover?'
  if (kind === 'longest-gap') return 'How long will the longest gap be?'
  return kind === 'gaps' ? 'How many gaps will the stream have?' : `How many datagrams will be ${kind}?`
}

/**
 * Judges a claim by what arrived. So much of a gap in which sender or receivers did not get their turn may be the
 * machines' and not the network's: where that decides, it cannot be told.
 */
export function judgeOutage(claim: OutageClaim, measured: MeasuredOutage): Judgement {
  if (measured.sent === 0) return inconclusive('nothing was sent')
  if (measured.arrivedBefore === 0) {
    const why = measured.refused > 0 ? `; the sender's kernel said ${measured.refusals.join(', ')}` : ''
    return failed(`nothing arrived even before the first event${why}`)
  }
  const found = renderMeasured(measured)
  if (claim.kind === 'recovers')
    return !measured.recovered && isMachines(measured.gaps.at(-1), measured)
      ? tooBusy(found)
      : judged(measured.recovered === claim.recovers, found)
  if (claim.kind !== 'longest-gap') {
    if (claim.kind !== 'gaps') return judged(bounds.isWithin(claim.bounds, measured[claim.kind]), found)
    const sure = measured.gaps.filter((gap) => !isMachines(gap, measured))
    const holds = bounds.isWithin(claim.bounds, measured.gaps.length)
    return holds === bounds.isWithin(claim.bounds, sure.length) ? judged(holds, found) : tooBusy(found)
  }
  const { atLeastMs, atMostMs } = claim.bounds
  const { lengthMs, stalledMs } = measured.longestGap
  const surelyMs = lengthMs - stalledMs
  // A pause so long had another cause before, and may have had it again: routers on the way wait for their turn too.
  const beforeMs = measured.longestBeforeMs - measured.everyMs
  const busy = tooBusy(found)
  if (atMostMs !== undefined && lengthMs > atMostMs)
    return lengthMs - Math.max(stalledMs, beforeMs) > atMostMs ? failed(found) : busy
  if (atLeastMs !== undefined && lengthMs < atLeastMs) return failed(found)
  if (atLeastMs !== undefined && surelyMs < atLeastMs) return busy
  // Within the bound although half of it was lost to waiting: the figure says little of the network.
  return atMostMs !== undefined && stalledMs > atMostMs / 2 ? busy : passed(found)
}

/** Whether a gap would be none without the time that the machines lost. */
const isMachines = (gap: Gap | undefined, { gapFromMs }: MeasuredOutage) =>
  gap !== undefined && gap.lengthMs - gap.stalledMs <= gapFromMs

const tooBusy = (found: string) => inconclusive(`the machines were too busy to tell: ${found}`)

/** The figures in one line. */
export function renderMeasured(measured: MeasuredOutage): string {
  const { longestGap, gaps, gapFromMs: fromMs, lost, sent, duplicated, reordered, recovered, resolutionMs } = measured
  return [
    `longest gap ${renderGap(longestGap)}`,
    `${bounds.plural(gaps.length, 'gap')} over ${Math.round(fromMs)} ms`,
    `${lost} of ${sent} lost${measured.refused > 0 ? ` (${measured.refused} refused by the sender's kernel: ${measured.refusals.join(', ')})` : ''}`,
    ...(duplicated > 0 ? [`${duplicated} duplicated`] : []),
    ...(reordered > 0 ? [`${reordered} reordered`] : []),
    recovered ? 'recovered' : 'not recovered',
    `resolution ${Math.round(resolutionMs)} ms, longest pause before the event ${Math.round(measured.longestBeforeMs)} ms`,
  ].join('; ')
}

function renderGap({ lengthMs, afterEventMs, event, open, stalledMs }: Gap): string {
  const when = `${Math.abs(Math.round(afterEventMs))} ms ${afterEventMs < 0 ? 'before' : 'after'} "${event}"`
  const stalled = stalledMs > 0 ? `, ${Math.round(stalledMs)} ms of it the machines'` : ''
  return `${seconds(lengthMs)}${open ? ' to the end' : ''} from ${when}${stalled}`
}

const seconds = (durationMs: number): string =>
  durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${Number((durationMs / 1000).toFixed(3))} s`
