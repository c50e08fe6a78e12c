import type { Step } from '../lab/lab.ts'
import { judgeClaims } from '../steps/do-step.ts'
import { isOwn, tryStep } from './do-steps.ts'
import { type Done, doesSomething, doneOf, placeOf, progressOf, type SessionState } from './session-state.ts'

/** Judges what is claimed by a step, or where one is; as Session.verify. */
export async function verify(state: SessionState, word: string | undefined, hasLeft = () => false): Promise<Done> {
  const { puzzle } = state
  const done = await judge(state, word, hasLeft)
  if (puzzle === undefined || word !== undefined) return done
  puzzle.isMended = done.outcome === 'passed' && !hasLeft()
  return { ...done, progress: progressOf(state) }
}

async function judge(state: SessionState, word: string | undefined, hasLeft: () => boolean): Promise<Done> {
  const { context, steps } = state
  const places = word === undefined ? placesHere(state) : [placeOf(steps, word)]
  const judged: Step[] = []
  context.roundTrips.forget()
  for (const place of places) {
    const step = steps[place] as Step
    if (hasLeft()) break
    judged.push(step)
    const isNext = place === state.done && !doesSomething(step)
    if (isNext || (!doesSomething(step) && step.captures.every((one) => isOwn(one, step)))) {
      const broken = await tryStep(step, true, context)
      if (broken !== undefined) return doneOf(state, judged, broken)
      if (isNext) state.done++
    } else {
      await judgeClaims(step, context, hasLeft)
    }
  }
  return doneOf(state, judged)
}

/** The places from the last step that did something to the next that will. */
function placesHere({ steps, done }: SessionState): readonly number[] {
  const from = Math.max(
    0,
    steps.findLastIndex((step, place) => place < done && doesSomething(step)),
  )
  const next = steps.findIndex((step, place) => place >= done && doesSomething(step))
  const until = next === -1 ? steps.length : next
  return steps.flatMap(({ expectations }, place) =>
    place >= from && place < until && expectations.length > 0 ? [place] : [],
  )
}
