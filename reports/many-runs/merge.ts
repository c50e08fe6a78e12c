import type { PlannedScope, RunEvent, RunFinished, RunStarted, Surroundings } from '../../runner/events.ts'
import { exitCodeOf, worstOutcome } from '../../runner/result.ts'

/** What merging must know of a results folder, and what to call it. */
export interface PartialRun {
  readonly name: string
  /** Which part it is of a run that was cut, and the digest of that cut. */
  readonly part?: { readonly part: number; readonly of: number; readonly digest: string }
  readonly started?: RunStarted
  readonly finished?: RunFinished
  /** The scopes that came to an end. */
  readonly ended: ReadonlySet<string>
  /** Where in it scopes have their files. */
  readonly folders: readonly string[]
  readonly lastAtMs: number
}

/** What of a part's events merging must know. */
export function outlinePart(name: string, events: Iterable<RunEvent>): PartialRun {
  let [started, finished]: [RunStarted?, RunFinished?] = []
  let lastAtMs = 0
  const ended = new Set<string>()
  const folders: string[] = []
  for (const event of events) {
    lastAtMs = event.at
    if (event.type === 'run-started') started ??= event
    else if (event.type === 'run-finished') finished ??= event
    else if (event.type === 'scope-finished') ended.add(event.scope)
    else if (event.type === 'scope-started' && event.folder !== undefined) folders.push(event.folder)
  }
  return { name, ...(started && { started }), ...(finished && { finished }), ended, folders, lastAtMs }
}

/** What several runs come to: one that did what all did, each on its own machine. */
export interface MergedRun {
  /** Its first event, before those of all parts. */
  readonly started: RunStarted
  /** Its last event. Where something is missing it has not passed. */
  readonly finished: RunFinished
  /** How much later than the whole a part began, by its name: so much is added to the times of its events. */
  readonly laterMs: ReadonlyMap<string, number>
  /** What is missing, in words: parts, scopes that no part has, and scopes that came to no end. */
  readonly missing: readonly string[]
}

/**
 * Makes one run of several that each did a part. A text instead of it says why they are no parts of one run: two kinds,
 * two ways to cut it, a scope that two parts ran, or a folder that two parts have. `wanted` must be in it; of what could
 * not be read at all `unread` says why.
 */
export function mergeRuns(
  parts: readonly PartialRun[],
  wanted: readonly PlannedScope[] = [],
  unread: readonly string[] = [],
): MergedRun | string {
  const whole = parts.flatMap((part) => (part.started === undefined ? [] : [{ ...part, started: part.started }]))
  const owners = new Map<string, string>()
  const conflict = conflictIn(whole, owners)
  if (conflict !== undefined) return conflict
  const starts = whole.map(({ started }) => started)
  const ends = whole.flatMap(({ finished }) => finished ?? [])
  const first = starts.toSorted((left, right) => Date.parse(left.startedAt) - Date.parse(right.startedAt))[0]
  if (first === undefined) return 'there is no part'
  const lacking = wanted.filter(({ scope }) => !owners.has(scope))
  const lost = missingParts(whole)
  const missing = [
    ...unread,
    ...parts.filter(({ started }) => started === undefined).map(({ name }) => `${name} has no beginning`),
    ...lost.map((part) => `${part} is missing`),
    ...whole.flatMap(unfinishedIn),
    ...lacking.map(({ scope }) => `no part has ${scope}`),
  ]
  const laterMs = ({ startedAt }: RunStarted) => Date.parse(startedAt) - Date.parse(first.startedAt)
  const outcome = worstOutcome([...ends.map((end) => end.outcome), ...(missing.length === 0 ? [] : ['error' as const])])
  const limits = ends.flatMap(({ maxFailures }) => maxFailures ?? [])
  const endMs = whole.reduce(
    (last, { started, finished, lastAtMs }) => Math.max(last, laterMs(started) + (finished?.durationMs ?? lastAtMs)),
    0,
  )
  // A part that a signal ended is one that has not come to its end.
  const codes = ends.map(({ exitCode }) => (exitCode > 128 ? exitCodeOf('error') : exitCode))
  // What never began is an error in each report.
  const never = lost.map((part) => ({ scope: part, lab: part, variant: '' }))
  const scopes = [...starts.flatMap((start) => start.scopes), ...lacking, ...never]
  const finished: RunFinished = {
    type: 'run-finished',
    at: endMs,
    outcome,
    exitCode: outcome === 'failed' ? exitCodeOf(outcome) : Math.max(exitCodeOf(outcome), ...codes),
    durationMs: endMs,
    ...(limits.length === 0 ? {} : { maxFailures: Math.max(...limits) }),
  }
  return {
    started: { ...first, scopes, surroundings: joinSurroundings(starts) },
    finished,
    laterMs: new Map(whole.map(({ name, started }) => [name, laterMs(started)])),
    missing,
  }
}

interface BegunPart extends PartialRun {
  readonly started: RunStarted
}

/** Why these are no parts of one run; notes in `owners` which part has which scope. */
function conflictIn(parts: readonly BegunPart[], owners: Map<string, string>): string | undefined {
  const foldersOfOthers = new Set<string>()
  for (const { name, started, part, folders } of parts) {
    if (started.kind !== parts[0]?.started.kind) return `${name} is of another kind: ${started.kind}`
    if (part?.digest !== parts[0]?.part?.digest || part?.of !== parts[0]?.part?.of)
      return `${name} is part of another cut: ${part?.digest ?? 'none'}, and ${parts[0]?.name} of ${parts[0]?.part?.digest ?? 'none'}`
    for (const { scope } of started.scopes) {
      const owner = owners.get(scope)
      if (owner !== undefined) return `${scope} is in ${owner} and in ${name}`
      owners.set(scope, name)
    }
    const shared = folders.find((folder) => foldersOfOthers.has(folder.toLowerCase()))
    if (shared !== undefined) return `${name} has files in ${shared}, and so has another part`
    for (const folder of folders) foldersOfOthers.add(folder.toLowerCase())
  }
  return undefined
}

/** The parts of a cut that are not there. */
function missingParts(parts: readonly BegunPart[]): string[] {
  const of = parts[0]?.part?.of ?? 0
  const there = new Set(parts.map(({ part }) => part?.part))
  const numbers = Array.from({ length: of }, (_, at) => at + 1)
  return numbers.filter((part) => !there.has(part)).map((part) => `part ${part}/${of}`)
}

/** What a part began, or planned, and did not bring to its end. */
const unfinishedIn = ({ name, started, finished, ended }: BegunPart): string[] => [
  ...(finished === undefined ? [`${name} did not come to its end`] : []),
  ...started.scopes.filter(({ scope }) => !ended.has(scope)).map(({ scope }) => `${name} lacks the end of ${scope}`),
]

/** What the parts were made with; where they differ, all of it. */
function joinSurroundings(starts: readonly RunStarted[]): Surroundings {
  const join = (key: keyof Surroundings) => [...new Set(starts.map(({ surroundings }) => surroundings[key]))].join('; ')
  return {
    wirelab: join('wirelab'),
    provider: join('provider'),
    accelerator: join('accelerator'),
    qemu: join('qemu'),
    image: join('image'),
    kernel: join('kernel'),
    host: join('host'),
    node: join('node'),
  }
}
