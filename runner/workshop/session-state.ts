import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Mutation, Step } from '../lab/lab.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { type Outcome, worstOutcome } from '../result.ts'
import type { ScopeEvent } from '../steps/scope-context.ts'
import type { StepContext } from '../steps/step-context.ts'
import { lastCalled } from '../steps/steps.ts'
import type { PosedPuzzle } from './puzzle.ts'
import type { Saves } from './saves.ts'

/** Who hears what happens. */
export type Listener = (event: ScopeEvent) => void

/** Which steps are to be done, and how. */
export interface DoWish {
  /** The name or id of the last step to do. */
  readonly until?: string | undefined
  /** All steps are meant. */
  readonly toEnd?: boolean | undefined
  /** They were done by hand: they only count as done. */
  readonly byHand?: boolean | undefined
  /** Judge what they claim, too. */
  readonly verify?: boolean | undefined
}

/** Where to rewind to; the last step that is done when nothing is said. */
export interface RewindWish {
  /** The name or id of the step. */
  readonly step?: string | undefined
  /** Before the first step is meant. */
  readonly toBegin?: boolean | undefined
}

/** What came of steps that were done or judged. */
export interface Done {
  /** The worst of what was judged; passed when nothing was, and nothing went wrong. */
  readonly outcome: Outcome
  /** Names of the steps. */
  readonly steps: readonly string[]
  /** What went wrong with the last of them. It does not count as done. */
  readonly broken?: string
  /** Why they were done again, where machines did not come back as they left them. */
  readonly again?: string
  readonly progress: Progress
}

/** How far a lab is. */
export interface Progress {
  /** How many steps are done, and of how many. */
  readonly done: number
  readonly of: number
  /** The last that is done. */
  readonly last?: string
  /** The next that does something. */
  readonly next?: string
  /** What went wrong with the step that was tried last. */
  readonly broken?: string
  /** A mistake was made in secret; `mended` when all that is claimed where it is posed was judged and held. */
  readonly puzzle?: 'posed' | 'mended'
}

/** Everything that a session knows. */
export interface SessionState {
  readonly context: StepContext
  readonly steps: readonly Step[]
  readonly listeners: Set<Listener>
  readonly mutations: readonly Mutation[]
  puzzle: PosedPuzzle | undefined
  /** Nobody hears what is done. */
  isSecret: boolean
  done: number
  broken: string | undefined
  /** What is being done, and waits to be done. */
  turn: Promise<unknown>
  readonly saves: Saves
  /** The machines are to be saved before anything else is done. */
  isToSave: boolean
  /** Ends when they are. */
  saving: Promise<void>
}

/** Whether a step changes anything. */
export const doesSomething = ({ actions }: Step) => actions.length > 0

/** Saves the machines when something was done since they were. Resolves when they are saved. */
export function saveIfDue(state: SessionState): Promise<void> {
  if (state.isToSave) state.saving = state.saves.save(state.done)
  state.isToSave = false
  return state.saving
}

/** How far it is. */
export function progressOf({ steps, done, broken, puzzle }: SessionState): Progress {
  const last = steps[done - 1]?.name
  const next = (steps.slice(done).find(doesSomething) ?? steps[done])?.name
  return {
    ...{ done, of: steps.length },
    ...(last === undefined ? {} : { last }),
    ...(next === undefined ? {} : { next }),
    ...(broken === undefined ? {} : { broken }),
    ...(puzzle === undefined ? {} : { puzzle: puzzle.isMended ? 'mended' : 'posed' }),
  }
}

/** What came of these steps, the last of which went wrong as `broken` says. */
export function doneOf(state: SessionState, steps: readonly Step[], broken?: string): Done {
  const { verdicts } = state.context
  const outcomes = steps.flatMap(caseNames).flatMap((name) => verdicts.get(name) ?? [])
  return {
    outcome: worstOutcome([broken === undefined ? 'passed' : 'error', ...outcomes]),
    steps: steps.map(({ name }) => name),
    ...(broken === undefined ? {} : { broken }),
    progress: progressOf(state),
  }
}

/** The place of a step with this name or id. @throws WirelabError of kind usage with the nearest */
export function placeOf(steps: readonly Step[], word: string): number {
  const step = lastCalled(word, steps)
  if (step !== undefined) return steps.indexOf(step)
  const words = steps.flatMap(({ name, id }) => (id === undefined ? [name] : [name, id]))
  const nearest = nearestWord(word, words)
  throw usageError(
    `cannot find step "${word}": the lab has no such step`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"? `}its steps are ${words.map((one) => `"${one}"`).join(', ')}`,
  )
}

/** What to say to somebody who asked for a step that is not to be done. */
export const hintOf = ({ steps, done }: SessionState) =>
  done >= steps.length ? 'all steps are done' : `the next one is "${steps[done]?.name}"`

/** What to say to somebody who asked for what would give a puzzle away. */
export const puzzleHint = `${ownCommand('hint')} helps to find it; ${ownCommand('down')} ends the lab`
