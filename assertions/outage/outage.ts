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

/** What an outage is of: a stream of datagrams, or a service that is asked. */
type Subject = 'stream' | 'service'

/** The claim in words, enough to be a test case's name in its step. */
export function renderOutageClaim(claim: OutageClaim, subject: Subject = 'stream'): string {
  if (claim.kind === 'recovers') return `the ${subject} ${claim.recovers ? 'recovers' : 'does not recover'}`
  if (claim.kind === 'longest-gap') {
    const { atLeastMs, atMostMs } = claim.bounds
    const least = atLeastMs === undefined ? [] : [`at least ${seconds(atLeastMs)}`]
    const most = atMostMs === undefined ? [] : [`at most ${seconds(atMostMs)}`]
    return `the longest gap is ${[...least, ...most].join(' and ')}`
  }
  if (claim.kind === 'gaps') return `the ${subject} has ${bounds.renderBounds(claim.bounds, 'gap')}`
  const { one, lost } = wordsOf[subject]
  const what = claim.kind === 'lost' ? lost : claim.kind
  return `${bounds.renderBounds(claim.bounds, one)} ${(claim.bounds.count ?? 2) < 2 ? 'is' : 'are'} ${what}`
}

const wordsOf = {
  stream: { one: 'datagram', lost: 'lost' },
  service: { one: 'request', lost: 'unanswered' },
} as const

/** What a handout asks in the claim's place. */
export function outageQuestion({ kind }: OutageClaim, subject: Subject = 'stream'): string {
  const { one, lost } = wordsOf[subject]
  if (kind === 'recovers') return `Will the ${subject} recover?`
  if (kind === 'longest-gap') return 'How long will the longest gap be?'
  return kind === 'gaps'
    ? `How many gaps will the ${subject} have?`
    : `How many ${one}s will be ${kind === 'lost' ? lost : kind}?`
}

/**
 * Judges a claim by what arrived. Of a time in which sender or receivers did not get their turn nobody knows whether it
 * was the machines' or the network's, so each figure lies in a range: without these times, and with them. A claim that
 * holds in the whole range has passed, in spite of the pauses; one that holds nowhere in it has failed; else it cannot
 * be told.
 */
export function judgeOutage(claim: OutageClaim, measured: MeasuredOutage): Judgement {
  if (measured.sent === 0) return inconclusive('nothing was sent')
  if (measured.arrivedBefore === 0) {
    if (measured.request !== undefined)
      return failed(`nothing was answered even before the first event${whyRefused(measured)}`)
    const why = measured.refused > 0 ? `; the sender's kernel said ${measured.refusals.join(', ')}` : ''
    return failed(`nothing arrived even before the first event${why}`)
  }
  const found = renderMeasured(measured)
  if (claim.kind === 'recovers')
    return measured.recovered || surelyStaysAway(measured)
      ? judged(measured.recovered === claim.recovers, found)
      : tooBusy(found)
  if (claim.kind === 'longest-gap') return judgeLongestGap(claim.bounds, measured, found)
  const { least, most } = rangeOf(claim.kind, measured)
  if (bounds.isWithin(claim.bounds, least) && bounds.isWithin(claim.bounds, most)) return passed(found)
  return bounds.canBeWithin(claim.bounds, least, most) ? tooBusy(found) : failed(found)
}

function judgeLongestGap(
  { atLeastMs = 0, atMostMs = Number.POSITIVE_INFINITY }: TimeBounds,
  measured: MeasuredOutage,
  found: string,
) {
  const gaps = [measured.longestGap, ...measured.gaps]
  const longest = (of: (gap: Gap) => number) => Math.max(...gaps.map(of))
  const mostMs = longest(({ lengthMs, heldMs }) => lengthMs + heldMs)
  const leastMs = longest(({ lengthMs, stalledMs }) => lengthMs - stalledMs)
  if (mostMs <= atMostMs && leastMs >= atLeastMs) return passed(found)
  // A pause so long had another cause before, and may have had it again: routers on the way wait for their turn too.
  const beforeMs = measured.longestBeforeMs - measured.everyMs
  const surelyMs = longest(({ lengthMs, stalledMs }) => lengthMs - Math.max(stalledMs, beforeMs))
  return surelyMs > atMostMs || mostMs < atLeastMs ? failed(found) : tooBusy(found)
}

/**
 * Whether a stream that has not recovered would not have done so with machines that got their turn all the time: they
 * had the time that it was given, and what keeps it from being steady at the end is not theirs.
 */
function surelyStaysAway(measured: MeasuredOutage): boolean {
  const { gaps, untilMs, ranMs, withinMs, steadyMs } = measured
  const end = ({ fromMs, lengthMs }: Gap) => fromMs + lengthMs
  const machines = gaps.filter((gap) => isMachines(gap, measured))
  const sure = gaps.findLast((gap) => !machines.includes(gap))
  if (sure?.open) return ranMs >= withinMs
  const steadySinceMs = sure === undefined ? 0 : end(sure)
  const spoilt = machines.some((gap) => end(gap) > steadySinceMs)
  return ranMs >= withinMs && !(spoilt && untilMs - steadySinceMs >= steadyMs)
}

/** Within which bounds a number is, whatever the pauses of machines did to it. */
function rangeOf(kind: 'lost' | 'duplicated' | 'gaps', measured: MeasuredOutage) {
  const { gaps, everyMs } = measured
  if (kind === 'gaps') {
    const most = gaps.length
    return { least: gaps.filter((gap) => !isMachines(gap, measured)).length, most }
  }
  const most = measured[kind]
  if (kind === 'duplicated') return { least: most, most }
  // What was sent while a gap lasted longer than it had to.
  const perhaps = gaps.reduce((sum, { stalledMs }) => sum + Math.ceil(stalledMs / everyMs), 0)
  return { least: Math.max(0, most - perhaps), most }
}

/** Whether a gap would be none without the time that the machines lost. */
const isMachines = (gap: Gap, { gapFromMs }: MeasuredOutage) => gap.lengthMs - gap.stalledMs <= gapFromMs

const tooBusy = (found: string) => inconclusive(`the machines were too busy to tell: ${found}`)

/** The figures in one line. */
export function renderMeasured(measured: MeasuredOutage): string {
  const {
    request,
    longestGap,
    gaps,
    gapFromMs: fromMs,
    lost,
    sent,
    duplicated,
    reordered,
    recovered,
    resolutionMs,
  } = measured
  return [
    `longest gap ${renderGap(longestGap)}`,
    `${bounds.plural(gaps.length, 'gap')} over ${Math.round(fromMs)} ms`,
    request === undefined
      ? `${lost} of ${sent} lost${whyRefused(measured)}`
      : `${lost} of ${sent} requests (${request}) unanswered${whyRefused(measured)}`,
    ...(duplicated > 0 ? [`${duplicated} duplicated`] : []),
    ...(reordered > 0 ? [`${reordered} reordered`] : []),
    recovered ? 'recovered' : 'not recovered',
    `resolution ${Math.round(resolutionMs)} ms, longest pause before the event ${Math.round(measured.longestBeforeMs)} ms`,
  ].join('; ')
}

function whyRefused({ request, refused, refusals }: MeasuredOutage): string {
  if (refused === 0) return ''
  return request === undefined
    ? ` (${refused} refused by the sender's kernel: ${refusals.join(', ')})`
    : `: ${refusals.join(', ')}`
}

function renderGap({ lengthMs, afterEventMs, event, open, stalledMs, heldMs }: Gap): string {
  const when = `${Math.abs(Math.round(afterEventMs))} ms ${afterEventMs < 0 ? 'before' : 'after'} "${event}"`
  const stalled = stalledMs > 0 ? `, ${Math.round(stalledMs)} ms of it the machines'` : ''
  const held = heldMs >= 1 ? `, perhaps begun ${Math.round(heldMs)} ms earlier` : ''
  return `${seconds(lengthMs)}${open ? ' to the end' : ''} from ${when}${stalled}${held}`
}

const seconds = (durationMs: number): string =>
  durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${Number((durationMs / 1000).toFixed(3))} s`
