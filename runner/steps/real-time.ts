import { hostNowMs } from '../host/host-now.ts'
import type { ProcessorWait, TimeSpan } from '../providers/provider.ts'

/**
 * What is known of the pauses that a lab's protocols do not bear. After one of them the network may be in a state that
 * is the host's fault: what is then claimed and not so proves nothing, until all claims of a step were true again.
 */
export interface RealTime {
  /** Notes that all was right that was judged from a time on, by the host's clock. */
  provedRight(sinceMs: number): void
  /** Why it proves nothing that a claim is not true; `sceneMs` is when the scene for it was set, where that matters. */
  whyUnsure(sceneMs?: number): string | undefined
}

/** Watches over a lab whose protocols bear pauses of at most `limitMs`, or all when there is none. */
export function realTimeOf(limitMs: number | undefined, waits: () => readonly ProcessorWait[]): RealTime {
  let rightMs = Number.NEGATIVE_INFINITY
  return {
    provedRight(sinceMs) {
      rightMs = sinceMs
    },
    whyUnsure(sceneMs = Number.POSITIVE_INFINITY) {
      if (limitMs === undefined) return undefined
      // Whoever was not heard may be missed as much later.
      const fromMs = Math.min(rightMs, sceneMs) - limitMs
      const pauses = pausesIn(waits(), limitMs).filter(({ untilMs }) => untilMs > fromMs)
      const longest = pauses.toSorted((left, right) => lengthOf(right) - lengthOf(left))[0]
      if (longest === undefined) return undefined
      const ago = seconds(hostNowMs() - longest.untilMs)
      return `${longest.machine} waited for the host for half or more of ${seconds(lengthOf(longest))}, until ${ago} ago; this lab's protocols bear ${seconds(limitMs)}`
    },
  }
}

/**
 * Times longer than a limit, half of which or more one machine or another waited, each with the one that had the
 * longest wait of it. Turns that are too few hold protocols up as no turn does: a router that gets 10 ms now and then is
 * silent for its neighbours.
 */
function pausesIn(waits: readonly ProcessorWait[], limitMs: number): readonly ProcessorWait[] {
  const pauses: ProcessorWait[] = []
  for (const [index, first] of waits.entries()) {
    const known = pauses.at(-1)
    if (known !== undefined && first.untilMs <= known.untilMs) continue
    const pause = longestFrom(first, waits, index, limitMs)
    if (pause !== undefined) pauses.push(pause)
  }
  return pauses
}

/** The longest such time that begins with a wait. */
function longestFrom(first: ProcessorWait, waits: readonly ProcessorWait[], at: number, limitMs: number) {
  let waitedMs = 0
  let longest = first
  let pause: ProcessorWait | undefined
  for (let next = at; next < waits.length; next++) {
    const wait = waits[next] ?? first
    const passedMs = wait.untilMs - first.fromMs
    waitedMs += lengthOf(wait)
    if (lengthOf(wait) > lengthOf(longest)) longest = wait
    if (waitedMs < passedMs / 2) {
      if (passedMs > limitMs) break
      continue
    }
    if (passedMs > limitMs) pause = { machine: longest.machine, fromMs: first.fromMs, untilMs: wait.untilMs }
  }
  return pause
}

const lengthOf = ({ fromMs, untilMs }: TimeSpan) => untilMs - fromMs

const seconds = (durationMs: number) =>
  durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
