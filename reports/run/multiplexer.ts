import type { EventSink } from '../../runner/events.ts'

/**
 * One sink that gives each event to all of `sinks`. A sink that throws is reported to `onBroken` once and gets no
 * further event; the others go on. Never throws itself, even when `onBroken` does.
 */
export function fanOut(
  sinks: readonly EventSink[],
  onBroken: (error: unknown, sink: EventSink) => void = () => {},
): EventSink {
  const working = new Set(sinks)
  return (event) => {
    for (const sink of working) {
      try {
        sink(event)
      } catch (error) {
        working.delete(sink)
        attempt(() => onBroken(error, sink))
      }
    }
  }
}

function attempt(action: () => void) {
  try {
    action()
  } catch {
    // Nobody is left to tell.
  }
}
