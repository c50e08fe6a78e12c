import type { ProcessorWait, TimeSpan } from '../providers/provider.ts'
import { hostTimeMs } from './events/make-happen.ts'

/** Waits so close are one pause: what a machine does in between is next to nothing. */
const closeMs = 5

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
      const pauses = pausesIn(waits()).filter((pause) => lengthOf(pause) > limitMs && pause.untilMs > fromMs)
      const longest = pauses.toSorted((left, right) => lengthOf(right) - lengthOf(left))[0]
      if (longest === undefined) return undefined
      const ago = seconds(hostTimeMs() - longest.untilMs)
      return `${longest.machine} was held up for ${seconds(lengthOf(longest))}, ${ago} ago, longer than the ${seconds(limitMs)} that this lab's protocols bear`
    },
  }
}

/** Times in which one machine or another waited without a break, each with the one that had the longest wait of it. */
function pausesIn(waits: readonly ProcessorWait[]): readonly ProcessorWait[] {
  const pauses: { pause: ProcessorWait; longest: ProcessorWait }[] = []
  for (const wait of waits) {
    const last = pauses.at(-1)
    if (last === undefined || wait.fromMs - last.pause.untilMs > closeMs) {
      pauses.push({ pause: wait, longest: wait })
      continue
    }
    const longest = lengthOf(wait) > lengthOf(last.longest) ? wait : last.longest
    const pause = { machine: longest.machine, fromMs: last.pause.fromMs, untilMs: wait.untilMs }
    pauses[pauses.length - 1] = { pause, longest }
  }
  return pauses.map(({ pause }) => pause)
}

const lengthOf = ({ fromMs, untilMs }: TimeSpan) => untilMs - fromMs

const seconds = (durationMs: number) =>
  durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
