import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { hasCode, messageOf, stateError } from './errors.ts'
import { makeRuntimeFolder, type RuntimeFolder } from './host/runtime-folder.ts'
import type { Variant } from './lab/lab.ts'
import type { Scope } from './scopes.ts'
import { phasesOf } from './steps/measurements.ts'
import { type SavedScope, saveScope } from './steps/saved-steps.ts'
import type { StepContext } from './steps/step-context.ts'

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
  const startedMs = performance.now()
  const count = countWaiting(scope, done, state)
  const machines = scope.variant.nodes.filter(({ namespaceOf }) => namespaceOf === undefined).length
  // Steps that take less than a save are done again, from the save before.
  const isWorth = count * (startedMs - (sinceMs.get(scope) ?? 0)) >= costMs * machines
  if (state.off !== undefined || count === 0 || !isWorth) return
  try {
    const whyNot = whyNotSaved(context, saves)
    if (whyNot !== undefined) throw stateError(whyNot)
    state.folder ??= makeRuntimeFolder()
    const path = join(state.folder.path, `beginning-${++state.made}`)
    const saved = await context.processors.exclusively(() => saveScope(context, path), context.signal)
    saves.add({ ...saved, scope: scope.name, done, variant: scope.variant, group, users: 0, isSpoilt: false })
    sinceMs.set(scope, performance.now())
    state.costMs = (performance.now() - startedMs) / machines
  } catch (error) {
    if (context.signal.aborted) throw error
    refused.set(`${group} ${done}`, messageOf(error))
    if (hasCode(error, 'wrong-state')) return
    state.off = messageOf(error)
    tell(`what trials begin with is saved no more: ${state.off}`)
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

/**
 * Returns who takes the next of some scopes: those that begin alike come together, the longest beginning first, in
 * which the others' are saved. Workers have different ones, as long as there are some.
 */
export function queueOf(scopes: readonly Scope[]): (worker: number) => Scope | undefined {
  const groups = [...Map.groupBy(scopes, (scope) => placeOf(scope).group).values()].map((group) =>
    group.toSorted((left, right) => placeOf(right).done - placeOf(left).done),
  )
  const owned = new Map<number, Scope[]>()
  return (worker) => {
    const left = groups.filter(({ length }) => length > 0)
    const own = owned.get(worker)
    const next = own?.length ? own : (left.find((group) => ![...owned.values()].includes(group)) ?? left[0])
    if (next) owned.set(worker, next)
    return next?.shift()
  }
}

const beginAlike = (one: Variant, other: Variant, done: number): boolean =>
  isDeepStrictEqual(beginningOf(one, done), beginningOf(other, done))

const beginningOf = ({ nodes, links, machines, steps }: Variant, done: number) => [
  ...[nodes, links, machines],
  steps.slice(0, done),
]

/** After how many steps a trial can begin, and why after no more of those before its mistake. */
interface Place {
  readonly done: number
  readonly why?: string
  /** The same for all that can begin alike. */
  readonly group: string
}

const places = new WeakMap<Scope, Place>()

function placeOf(scope: Scope): Place {
  const place = places.get(scope) ?? findPlace(scope)
  places.set(scope, place)
  return place
}

function findPlace({ lab, variant, image, trial }: Scope): Place {
  const group = JSON.stringify([lab.file, variant.name, image])
  const before = variant.steps.filter(({ index }) => index < (trial?.trial.changedAt ?? 0)).length
  const all = Array.from({ length: before }, (_, at) => before - at)
  const done = all.find((place) => whyNotShared(variant, place) === undefined) ?? 0
  const why = done === before ? undefined : whyNotShared(variant, before)
  return { group, done, ...(why === undefined ? {} : { why }) }
}

/**
 * Why no other trial can go on where so many steps of a variant are done, in words: something of it is not in the
 * machines. Undefined when it can.
 */
export function whyNotShared({ steps, realTimeMs }: Variant, done: number): string | undefined {
  if (realTimeMs !== undefined) return 'its protocols do not bear that machines stand still (real-time)'
  const before = steps.slice(0, done)
  const last = before.at(-1)
  const starts = before.find(({ actions }) => actions.some(({ key }) => key === 'start'))
  if (starts) return `the runner has what the process printed that step "${starts.name}" starts`
  const captures = before.find((step) => step.captures.some(({ until = step.index }) => until > (last?.index ?? 0)))
  if (captures) return `a capture of step "${captures.name}" goes on`
  const isCut = phasesOf(steps).some((phase) => phase.measures && phase.steps.slice(0, -1).some((one) => one === last))
  return isCut ? 'something is being measured' : undefined
}
