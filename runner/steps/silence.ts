import type { Conclusion, Probe } from '../../assertions/assertion.ts'

/** In so large a part of the time that an answer must not come in, machines must have been able to run. */
const leastShare = 0.5

/** An answer is then waited for longer by so many times what machines were held up, and at most by so much. */
const longerBy = 2
const longestMs = 5000

/** The shortest wait of some probes for an answer that must not come; infinite where none waits for one. */
export const silenceOf = (probes: readonly Probe[]): number =>
  Math.min(...probes.map((probe) => silenceIn(probe) ?? Number.POSITIVE_INFINITY))

const silenceIn = (probe: Probe | undefined) => (probe?.kind === 'command' ? probe.silenceMs : undefined)

/** How an answer that must not come was waited for. */
export interface Listening {
  /** How long it should have been; infinite where nothing was. */
  readonly silenceMs: number
  /** How long it can have been: errors instead of answers end it early. */
  readonly tookMs: number
  /** How long machines were held up, before it or during it. */
  readonly heldUpMs: number
}

/** Whether a wait proves that nothing comes, where one of `neededMs` does when no machine is held up. */
export function isEnough({ silenceMs, tookMs, heldUpMs }: Listening, neededMs: number): boolean {
  if (silenceMs === Number.POSITIVE_INFINITY) return true
  const listenedMs = Math.min(silenceMs, tookMs)
  return listenedMs - heldUpMs >= leastShare * Math.min(neededMs, listenedMs)
}

/** How much longer an answer is waited for when machines were held up for so long. */
export const longerMs = (heldUpMs: number): number => Math.min(Math.round(longerBy * heldUpMs), longestMs)

/** What is known when an answer may be late: neither that none comes, nor what a cell of a table says of that. */
export function untold({ found, cells }: Conclusion, heldUpMs: number, probes: readonly Probe[]): Conclusion {
  const busy = 'the machines were too busy to tell'
  return {
    verdict: 'inconclusive',
    found: `${busy}: ${found}, and waited ${Math.round(heldUpMs)} ms of it`,
    ...(cells && {
      cells: cells.map((cell, index) =>
        silenceIn(probes[index]) === undefined ? cell : { ...cell, verdict: 'inconclusive' as const, found: busy },
      ),
    }),
  }
}
