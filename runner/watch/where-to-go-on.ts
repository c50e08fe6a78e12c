import { isDeepStrictEqual } from 'node:util'
import type { Expectation, Step, Variant } from '../lab/lab.ts'
import { doTheSame } from '../steps/actions/index.ts'
import type { Script } from '../steps/actions/run.ts'
import type { GoOn } from '../steps/steps.ts'
import type { DoneSteps } from './held-machines.ts'

/** Where a changed variant is run from, with the reason in words. */
export type Course =
  /** In the machines that are up. */
  | { readonly goOn: GoOn; readonly why: string }
  /** In fresh machines. */
  | { readonly goOn?: undefined; readonly why: string }

/**
 * Decides where a variant goes on in machines in which another version of it was done. It goes on only where nothing was
 * done yet that would now be done otherwise, and where all that those steps left is in the machines. Returns undefined
 * when there is nothing to do.
 */
export function whereToGoOn({ variant: before, done, halted }: DoneSteps, after: Variant): Course | undefined {
  if (!isDeepStrictEqual(machinesOf(before), machinesOf(after))) return { why: 'nodes, links or images have changed' }
  const [was, is] = [before.steps.slice(0, done), after.steps.slice(0, done)]
  if (is.length < was.length) return { why: 'a step is gone that was done' }
  const otherwise = was.findIndex(
    (step, at) => !doTheSame(step, is[at] as Step) || !capturesTheSame(step, is[at] as Step),
  )
  if (otherwise >= 0) return { why: `${nameOf(is[otherwise])} does something else, and was done` }
  const last = done - 1
  const claimed = was.findIndex((step, at) => !claimsTheSame(step, is[at] as Step))
  if (claimed >= 0 && claimed < last)
    return { why: `${nameOf(is[claimed])} claims something else, and more was done since` }
  const isSame = claimed < 0 && !halted
  if (isSame && restIsSame(before, after, done)) return undefined
  const lost = whatIsLost(before, was)
  if (lost !== undefined) return { why: lost }
  if (isSame)
    return { goOn: { from: done, claimsOnly: false }, why: `${nameOf(after.steps[done])} is the first that changed` }
  if (is[last]?.actions.some(({ cases }) => cases.length > 0))
    return { why: `what ${nameOf(is[last])} does is judged while it is done` }
  return { goOn: { from: last, claimsOnly: true }, why: `${nameOf(is[last])} is done, and its claims are judged again` }
}

const machinesOf = ({ nodes, links, machines }: Variant) => [nodes, links, machines]

const nameOf = (step: Step | undefined) => (step === undefined ? 'the end' : `step "${step.name}"`)

/** What steps left outside of the machines, which only their own run has. */
function whatIsLost({ realTimeMs }: Variant, steps: readonly Step[]): string | undefined {
  if (realTimeMs !== undefined) return 'the lab says real-time: its protocols do not wait'
  for (const step of steps) {
    if (step.captures.length > 0) return `the captures of ${nameOf(step)} belong to the run before`
    if (step.actions.some(({ key }) => key === 'start')) return `what ${nameOf(step)} started belongs to the run before`
    if (step.actions.some(({ key, value }) => key === 'run' && (value as Script).keep !== undefined))
      return `what ${nameOf(step)} kept belongs to the run before`
    if (step.actions.some(({ key }) => key === 'fetch')) return `what ${nameOf(step)} fetched belongs to the run before`
    if (step.actions.some(({ key }) => key === 'events' || key === 'outage'))
      return `what happened to cables and machines in ${nameOf(step)} is known to the run before alone`
  }
  return undefined
}

const restIsSame = (before: Variant, after: Variant, from: number): boolean =>
  before.steps.length === after.steps.length &&
  before.steps.slice(from).every((step, at) => {
    const other = after.steps[from + at] as Step
    return doTheSame(step, other) && capturesTheSame(step, other) && claimsTheSame(step, other)
  })

const capturesTheSame = (one: Step, other: Step): boolean => isDeepStrictEqual(one.captures, other.captures)

const claimsTheSame = (one: Step, other: Step): boolean =>
  isDeepStrictEqual(one.expectations.map(claimOf), other.expectations.map(claimOf))

const claimOf = ({ assertion, parameters, withinMs, forMs }: Expectation) => ({
  assertion,
  parameters,
  withinMs,
  forMs,
})
