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
  /** When the machines of a scope were up, or saved last. */
  readonly sinceMs: WeakMap<Scope, number>
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
    ...{ saves: new Set(), refused: new Map(), sinceMs: new WeakMap() },
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
  const save = longestOf(state.saves, scope)
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
      state.sinceMs.set(scope, performance.now())
      removeNeedless(state)
    },
  }
}

function removeNeedless({ waiting, saves }: State): void {
  const needed = new Set([...waiting].map((scope) => longestOf(saves, scope)))
  for (const save of saves) {
    if (save.users > 0 || needed.has(save)) continue
    saves.delete(save)
    rmSync(save.snapshot.folder, { recursive: true, force: true })
  }
}

async function offer(scope: Scope, done: number, context: StepContext, state: State, tell: (words: string) => void) {
  const { saves, sinceMs, refused, costMs } = state
  const { group } = placeOf(scope)
  const spentMs = performance.now() - (sinceMs.get(scope) ?? 0)
  const count = countWaiting(scope, done, state)
  const machines = scope.variant.nodes.filter(({ namespaceOf }) => namespaceOf === undefined).length
  // Steps that take less than a save are done again, from the save before.
  const isWorth = count * spentMs >= costMs * machines
  if (state.off !== undefined || count === 0 || !isWorth) return
  try {
    const whyNot = whyNotSaved(context, saves)
    if (whyNot !== undefined) throw stateError(whyNot)
    state.folder ??= makeRuntimeFolder()
    const path = join(state.folder.path, `beginning-${++state.made}`)
    const saved = await context.processors.exclusively(async () => {
      const startedMs = performance.now()
      const save = await saveScope(context, path)
      state.costMs = (performance.now() - startedMs) / machines
      return save
    }, context.signal)
    saves.add({ ...saved, scope: scope.name, done, variant: scope.variant, group, users: 0, isSpoilt: false })
    sinceMs.set(scope, performance.now())
  } catch (error) {
    if (context.signal.aborted) throw error
    refused.set(`${group} ${done}`, messageOf(error))
    if (hasCode(error, 'wrong-state')) return
    state.off = messageOf(error)
    tell(`no more beginnings of trials are saved: ${state.off}`)
  }
}

/** How many trials to come begin as a scope that has so many steps done, and have no such save. */
const countWaiting = (scope: Scope, done: number, { waiting, saves }: State): number =>
  [...waiting].filter(
    (other) =>
      placeOf(other).group === placeOf(scope).group &&
      placeOf(other).done === done &&
      beginAlike(scope.variant, other.variant, done) &&
      longestOf(saves, other)?.done !== done,
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

/** The longest beginning of a trial that is saved. */
function longestOf(saves: ReadonlySet<Save>, scope: Scope): Save | undefined {
  const { done, group } = placeOf(scope)
  return [...saves]
    .filter((save) => !save.isSpoilt && save.done <= done && save.group === group)
    .toSorted((left, right) => right.done - left.done)
    .find((save) => beginAlike(save.variant, scope.variant, save.done))
}
