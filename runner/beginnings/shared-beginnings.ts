import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, messageOf, stateError } from '../errors.ts'
import { makeRuntimeFolder, type RuntimeFolder } from '../host/runtime-folder.ts'
import type { Variant } from '../lab/lab.ts'
import type { Scope } from '../scopes.ts'
import { type SavedScope, saveScope } from '../steps/saved-steps.ts'
import type { StepContext } from '../steps/step-context.ts'
import { beginAlike, placeOf } from './places.ts'

/** What trials have in common before their mistakes: done once, saved, and brought back for each. */
export interface Beginnings {
  /** Returns what a trial begins with. */
  lend(scope: Scope): Loan
  /** Saves the machines of a scope, of which so many steps are done, where a trial that is still to come begins so. */
  offer(scope: Scope, done: number, context: StepContext): Promise<void>
  /** Removes all that is saved. */
  end(): void
}

/** Machines as the first steps of a scope left them. */
export interface Beginning extends SavedScope {
  /** The scope in which those were done and judged. */
  readonly scope: string
  readonly done: number
}

export interface Loan {
  /** Absent where all is to be done. */
  readonly beginning?: Beginning
  /** Why not all steps before the mistake are among those; absent where they are, and where nothing is saved yet. */
  readonly why?: string
  /** To be called when the machines are up, or with what kept them from coming back: then nobody gets them any more. */
  giveBack(trouble?: unknown): void
}

interface Save extends Beginning {
  readonly variant: Variant
  readonly group: string
  /** How long its steps took. */
  readonly tookMs: number
  users: number
  isSpoilt: boolean
}

/** What is known of the beginnings of a run. */
interface State {
  /** Trials that have not begun, and begin like others. */
  readonly waiting: Set<Scope>
  readonly saves: Set<Save>
  /** Why machines could not be saved, by group and number of steps. */
  readonly refused: Map<string, string>
  /** When the machines of a scope were up, or saved last, and how long its steps until then took. */
  readonly progress: WeakMap<Scope, { readonly atMs: number; readonly tookMs: number }>
  /** The least time in which a machine was up, for each of its scope's, with nothing done in it and brought back. */
  readonly upMs: { anew: number; back: number }
  /** How long the last save took, for each of its machines. */
  costMs: number
  /** How many there were. */
  made: number
  folder: RuntimeFolder | undefined
  /** Why no more can be saved. */
  off: string | undefined
}

/** Shares the beginnings of scopes, of which nothing is done yet. `tell` hears once why no more can be saved. */
export function shareBeginnings(scopes: readonly Scope[], tell: (words: string) => void): Beginnings {
  const state: State = {
    waiting: new Set(scopes.filter((scope) => placeOf(scope).done > 0)),
    ...{ saves: new Set(), refused: new Map(), progress: new WeakMap() },
    upMs: { anew: Number.POSITIVE_INFINITY, back: Number.POSITIVE_INFINITY },
    ...{ costMs: 0, made: 0, folder: undefined, off: undefined },
  }
  return {
    lend: (scope) => lend(scope, state),
    offer: (scope, done, context) => offer(scope, done, context, state, tell),
    end: () => state.folder?.remove(),
  }
}

function lend(scope: Scope, state: State): Loan {
  const { done, why, group } = placeOf(scope)
  const save = longestOf(state, scope)
  const startedMs = performance.now()
  if (save) save.users++
  state.waiting.delete(scope)
  const isWhole = done === (save?.done ?? 0)
  const whyFewer = why ?? (isWhole ? undefined : (state.refused.get(`${group} ${done}`) ?? state.off))
  return {
    ...(save && { beginning: save }),
    ...(whyFewer === undefined ? {} : { why: whyFewer }),
    giveBack(trouble) {
      if (save) save.users--
      if (save && trouble !== undefined) save.isSpoilt = true
      const atMs = performance.now()
      const how = save ? 'back' : 'anew'
      if (trouble === undefined) state.upMs[how] = Math.min(state.upMs[how], (atMs - startedMs) / machinesOf(scope))
      state.progress.set(scope, { atMs, tookMs: trouble === undefined ? (save?.tookMs ?? 0) : 0 })
      removeNeedless(state)
    },
  }
}

function removeNeedless(state: State): void {
  const { waiting, saves } = state
  const needed = new Set([...waiting].map((scope) => longestOf(state, scope)))
  for (const save of saves) {
    if (save.users > 0 || needed.has(save)) continue
    saves.delete(save)
    rmSync(save.snapshot.folder, { recursive: true, force: true })
  }
}

async function offer(scope: Scope, done: number, context: StepContext, state: State, tell: (words: string) => void) {
  const { saves, progress, refused, costMs } = state
  const { group } = placeOf(scope)
  const { atMs = 0, tookMs = 0 } = progress.get(scope) ?? {}
  const spentMs = performance.now() - atMs
  const count = countWaiting(scope, done, state)
  // Steps that take less than a save, or than to come back from it, are done again.
  const isWorth = count * spentMs >= costMs * machinesOf(scope) && tookMs + spentMs >= extraMs(scope, state)
  if (state.off !== undefined || count === 0 || !isWorth) return
  try {
    const whyNot = whyNotSaved(context, saves)
    if (whyNot !== undefined) throw stateError(whyNot)
    state.folder ??= makeRuntimeFolder()
    const path = join(state.folder.path, `beginning-${++state.made}`)
    const saved = await context.processors.loudly(async () => {
      const startedMs = performance.now()
      const save = await saveScope(context, path)
      state.costMs = (performance.now() - startedMs) / machinesOf(scope)
      return save
    }, context.signal)
    const took = { atMs: performance.now(), tookMs: tookMs + spentMs }
    progress.set(scope, took)
    const { name, variant } = scope
    saves.add({ ...saved, scope: name, done, variant, group, tookMs: took.tookMs, users: 0, isSpoilt: false })
  } catch (error) {
    if (context.signal.aborted) throw error
    refused.set(`${group} ${done}`, messageOf(error))
    if (hasCode(error, 'wrong-state')) return
    state.off = messageOf(error)
    tell(`no more beginnings of trials are saved: ${state.off}`)
  }
}

/** How many trials to come begin as a scope that has so many steps done, and have no such save. */
const countWaiting = (scope: Scope, done: number, state: State): number =>
  [...state.waiting].filter(
    (other) =>
      placeOf(other).group === placeOf(scope).group &&
      placeOf(other).done === done &&
      beginAlike(scope.variant, other.variant, done) &&
      longestOf(state, other)?.done !== done,
  ).length

/** They lie in memory, where runtime folders do. */
const mostBytes = 1e9

function whyNotSaved({ testbed, verdicts }: StepContext, saves: ReadonlySet<Save>): string | undefined {
  if (testbed.noSnapshots !== undefined) return testbed.noSnapshots
  const bytes = [...saves].reduce((sum, one) => sum + one.bytes, 0)
  if (bytes >= mostBytes) return `what is saved of others takes ${Math.ceil(bytes / 1e6)} MB`
  const wrong = [...verdicts].find(([, outcome]) => outcome !== 'passed')
  return wrong && `"${wrong[0]}" did not pass when they were done`
}

/** The longest beginning of a trial that is saved, and takes longer to do than to bring back. */
function longestOf(state: State, scope: Scope): Save | undefined {
  const { done, group } = placeOf(scope)
  const leastMs = extraMs(scope, state)
  return [...state.saves]
    .filter((save) => !save.isSpoilt && save.done <= done && save.group === group && save.tookMs >= leastMs)
    .toSorted((left, right) => right.done - left.done)
    .find((save) => beginAlike(save.variant, scope.variant, save.done))
}

/** Below this it is chance. */
const noticedMs = 200

/** How much longer it takes to bring a scope's machines back than to bring them up with nothing done, as far as known. */
function extraMs(scope: Scope, { upMs: { anew, back } }: State): number {
  const extra = back - anew
  return Number.isFinite(extra) && extra >= noticedMs ? extra * machinesOf(scope) : 0
}

const machinesOf = ({ variant }: Scope) => variant.nodes.filter(({ namespaceOf }) => namespaceOf === undefined).length
