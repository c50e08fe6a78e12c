import type { WordedEvent } from '../../events.ts'
import { unlessAborted } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import type { StepContext } from '../step-context.ts'
import { kindOfEvent } from './index.ts'

/** When an event of a lab took effect, by the host's clock in milliseconds since 1970. */
export interface Happened extends WordedEvent {
  readonly beganMs: number
  readonly endedMs: number
}

/**
 * Makes an event of a lab happen, and emits it. One that starts a machine waits for its turn on the host's processors.
 * @throws WirelabError of kind machinery when it fails
 */
export function makeHappen(event: LabEvent, step: number, context: StepContext): Promise<Happened> {
  const kind = kindOfEvent(event)
  const happen = async () => {
    // A scope that broke while it waited for its turn has no use for the event any more.
    context.signal.throwIfAborted()
    const beganMs = hostNowMs()
    // An abort lets go of what does not end; the end of the machines ends that.
    await unlessAborted(kind.happen(event, context), context.signal)
    const happened = { ...withWords(event), beganMs, endedMs: hostNowMs() }
    context.emit({ type: 'event-happened', step, ...happened })
    return happened
  }
  return kind.startsMachine?.(event) ? context.processors.loudly(happen, context.signal) : happen()
}

/** An event with its words. */
export const withWords = (event: LabEvent): WordedEvent => ({ event, words: kindOfEvent(event).render(event) })
