import { assertions } from '../../assertions/index.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Step, Variant } from '../lab/lab.ts'
import { eventsOf, stepMeasuresTime } from './actions/index.ts'
import { kindOfEvent } from './events/index.ts'

/**
 * Steps that are done one after the other. The set-up works as hard as the start of the machines, and nothing is claimed
 * of it yet; in a measurement no machines are started or set up from the first to the last.
 */
export interface Phase {
  readonly steps: readonly Step[]
  readonly kind: 'set-up' | 'measurement' | 'between'
}

/**
 * Divides steps into the set-up, measurements and what lies between them. The set-up is the commands before the first
 * claim or event. A measurement is an outage with what leads to it, back to
 * the event that set the scene, or to the claims after the last commands, and with what is claimed of it afterwards.
 * Machines that start beside it could wake a short timer, such as BFD's, before the stream flows: then the outage would
 * be another one.
 */
export function phasesOf(steps: readonly Step[]): readonly Phase[] {
  const phases: Phase[] = []
  let done = 0
  const end = (until: number, kind: Phase['kind']) => {
    if (until > done) phases.push({ steps: steps.slice(done, until), kind })
    done = Math.max(done, until)
  }
  const setUp = steps.findIndex((step) => !isSetUp(step))
  end(setUp === -1 ? steps.length : setUp, 'set-up')
  for (const [index, step] of steps.entries()) {
    if (!stepMeasuresTime(step) || index < done) continue
    end(sceneOf(steps, done, index), 'between')
    const next = steps.findIndex((other, later) => later > index && doesSomething(other))
    end(next === -1 ? steps.length : next, 'measurement')
  }
  end(steps.length, 'between')
  return phases
}

/** Whether a step of a variant, or what is claimed in one, measures time. */
export const variantMeasuresTime = ({ steps }: Variant): boolean =>
  steps.some(
    (step) => stepMeasuresTime(step) || step.expectations.some(({ assertion }) => assertions[assertion]?.measuresTime),
  )

/**
 * Whether protocols of a variant give up sooner than machines that start beside it may hold its own up: four take 1.1 s
 * on two processors under emulation, eight 2.2 s.
 */
export const bearsNoStart = (variant: Variant): boolean => bearsLessThan(2500, variant)

/**
 * Whether they give up sooner than as many scopes as work otherwise, and all start at once, may hold one up: machines of
 * four waited for half of 28 to 34 s, on two slow processors under emulation.
 */
export const bearsNoCrowd = (variant: Variant): boolean => bearsLessThan(60_000, variant)

/** Whether they give up sooner than two scopes that only ask and answer may hold one up. */
export const bearsNobody = (variant: Variant): boolean => bearsLessThan(1000, variant)

const bearsLessThan = (ms: number, { realTimeMs = Number.POSITIVE_INFINITY }: Variant) => realTimeMs < ms

/**
 * Where the scene of an outage is set: at the last event before it, or behind that if it starts a machine. Without an
 * event it is set by commands, and what is claimed after the last of them tells whether all is as it should be.
 */
function sceneOf(steps: readonly Step[], from: number, outage: number): number {
  for (let index = outage - 1; index >= from; index--) {
    const events = eventsOf(steps[index] as Step)
    if (events.some((event) => kindOfEvent(event).startsMachine?.(event))) return index + 1
    if (events.length > 0) return index
  }
  return steps.findLastIndex((step, index) => index < outage && (index < from || doesSomething(step))) + 1
}

const isSetUp = (step: Step) => caseNames(step).length === 0 && eventsOf(step).length === 0 && !stepMeasuresTime(step)

const doesSomething = ({ actions }: Step) => actions.length > 0
