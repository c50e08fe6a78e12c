import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import type { Step } from '../lab/lab.ts'
import { doStep, whyUnsupported } from '../steps/do-step.ts'
import type { StepContext } from '../steps/step-context.ts'
import { cannotBreak, posedPuzzle, trialOf } from './puzzle.ts'
import {
  type Done,
  type DoWish,
  doesSomething,
  doneOf,
  hintOf,
  type Progress,
  placeOf,
  progressOf,
  puzzleHint,
  type RewindWish,
  type SessionState,
  saveIfDue,
} from './session-state.ts'

/** Brings the machines back. Those of a puzzle have its mistake: none of the lab's own steps may be done in them. */
export async function rewind(
  state: SessionState,
  { step, toBegin }: RewindWish,
  hasLeft?: () => boolean,
): Promise<Done> {
  const { steps, saves, puzzle } = state
  const target = toBegin ? 0 : step === undefined ? state.done : placeOf(steps, step) + 1
  if (target > state.done) throw usageError(`cannot rewind to "${step}": it is not done yet`, hintOf(state))
  if (puzzle !== undefined && target < state.done)
    throw usageError('cannot rewind to a step: in this lab something is wrong that is to be found', puzzleHint)
  // What only claims something was judged in the machines that the step before it left.
  const least = steps.findLastIndex((one, place) => place < target && doesSomething(one)) + 1
  const { done, why } = await saves.restore(target, puzzle && least)
  state.done = done
  state.broken = undefined
  while (state.done < target && !doesSomething(steps[state.done] as Step)) state.done++
  if (state.done === target) return doneOf(state, [])
  return { ...(await doUntil(state, target - 1, {}, hasLeft)), ...(why === undefined ? {} : { again: why }) }
}

/** Does the steps of the lab with a mistake in them, as Session.pose. */
export async function pose(state: SessionState, mutation: number): Promise<Progress> {
  const { context, steps, mutations } = state
  const { trial, puzzle } = trialOf(mutations[mutation], context.variant.name)
  if (state.done > 0 || state.puzzle !== undefined)
    throw usageError('cannot pose a puzzle: steps of the lab are done already', `${ownCommand('down')} ends it first`)
  state.isSecret = true
  try {
    for (const step of trial.variant.steps.filter(({ index }) => index <= puzzle.until)) {
      if ((await tryStep(step, false, context, trial.changedAt)) !== undefined) throw cannotBreak()
    }
    // It would tell what was judged of the steps with the mistake.
    context.verdicts.clear()
    state.puzzle = posedPuzzle(puzzle)
    state.done = steps.findIndex(({ index }) => index === puzzle.until) + 1
    state.isToSave = true
  } finally {
    state.isSecret = false
  }
  return progressOf(state)
}

/** Does steps, as Session.doSteps. */
export async function doSteps(state: SessionState, wish: DoWish, hasLeft?: () => boolean): Promise<Done> {
  const { steps, puzzle } = state
  if (puzzle !== undefined)
    throw usageError('cannot do a step: in this lab something is wrong that is to be found', puzzleHint)
  const { until, toEnd } = wish
  const next = () => (toEnd ? steps.length - 1 : nextPlace(state))
  const target = until === undefined ? next() : placeOf(steps, until)
  if (until !== undefined && target < state.done)
    throw usageError(`cannot do step "${until}": it is done already`, hintOf(state))
  return doUntil(state, target, wish, hasLeft)
}

/** Does all steps up to the one at a place. */
async function doUntil(
  state: SessionState,
  target: number,
  { byHand, verify }: DoWish,
  hasLeft = () => false,
): Promise<Done> {
  const { context, steps } = state
  const did: Step[] = []
  while (state.done <= target && !hasLeft()) {
    const step = steps[state.done] as Step
    if (!byHand) {
      did.push(step)
      state.broken = await tryStep(step, verify === true, context)
      if (state.broken !== undefined) break
    } else state.broken = undefined
    state.done++
    if (doesSomething(step)) state.isToSave = true
    if (state.done <= target) await saveIfDue(state)
  }
  return doneOf(state, did, state.broken)
}

/** The place of the next step that does something, or of the last one. */
function nextPlace({ steps, done }: SessionState): number {
  if (done >= steps.length) throw usageError('cannot do the next step: all are done')
  const next = steps.findIndex((step, place) => place >= done && doesSomething(step))
  return next === -1 ? steps.length - 1 : next
}

/** Does a step. Returns what went wrong. */
export async function tryStep(
  step: Step,
  verify: boolean,
  context: StepContext,
  goOnFrom?: number,
): Promise<string | undefined> {
  const unsupported = whyUnsupported(step, context.testbed)
  if (unsupported !== undefined) return `step "${step.name}" can't be done: ${unsupported}`
  // What only claims something is judged with its captures, or not at all.
  const captures = verify || doesSomething(step) ? step.captures : step.captures.filter((one) => !isOwn(one, step))
  const options = { onlyDo: !verify, ...(goOnFrom === undefined ? {} : { goOnFrom }) }
  const broken = await doStep({ ...step, captures }, options, context)
  return broken?.wentWrong === undefined ? broken?.reason : `${broken.reason}: ${broken.wentWrong.message}`
}

/** Whether a capture ends with the step that begins it. */
export const isOwn = ({ until }: Step['captures'][number], { index }: Step) => (until ?? index) === index
