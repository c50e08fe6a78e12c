import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { machineryError } from '../../errors.ts'
import type { StepStarted } from '../../events.ts'
import type { Step, StepAction } from '../../lab/lab.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import { withWords } from '../events/make-happen.ts'
import type { Action } from './action.ts'
import { copy } from './copy.ts'
import { events } from './events.ts'
import { fetch } from './fetch.ts'
import { outage } from './outage.ts'
import { run } from './run.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'

/**
 * All that a step can do, in the order in which it is done. Each takes only what it has read itself: the types of the
 * values are forgotten here, so that all are treated alike.
 */
export const actions: readonly Action<unknown>[] = [copy, start, run, events, outage, stop, fetch]

/** The keys of a step that say what is done; none must be there. */
export const actionKeys: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  actions.flatMap(({ keys }) => Object.entries(keys).map(([key, schema]) => [key, schema.optional()])),
)

/** What the table knows of an action of a step. */
export function kindOfAction({ key }: StepAction): Action<unknown> {
  const kind = actions.find((action) => action.key === key)
  if (kind === undefined) throw machineryError(`cannot do "${key}": there is no such action`)
  return kind
}

/** Everything that a step makes happen to cables, machines and NICs. */
export const eventsOf = (step: Step): readonly LabEvent[] =>
  step.actions.flatMap((action) => kindOfAction(action).events?.(action.value) ?? [])

/** Whether a step's actions measure time. */
export const stepMeasuresTime = (step: Step): boolean =>
  step.actions.some((action) => kindOfAction(action).measuresTime)

/** What a step announces of its actions when it begins. */
export function announce(step: Step): Pick<StepStarted, 'script' | 'copies' | 'events'> {
  const happening = eventsOf(step)
  return {
    ...Object.assign({}, ...step.actions.map((action) => kindOfAction(action).announce?.(action.value))),
    ...(happening.length === 0 ? {} : { events: happening.map(withWords) }),
  }
}

/** Whether two steps do the same, on the same node, whatever they claim. */
export const doTheSame = (left: Step, right: Step): boolean =>
  left.node === right.node &&
  left.actions.length === right.actions.length &&
  left.actions.every((action, index) => {
    const other = right.actions[index]
    if (action.key !== other?.key) return false
    const { isSame = isDeepStrictEqual } = kindOfAction(action)
    return isSame(action.value, other.value)
  })
