import type { RunEvent, RunFinished, RunStarted, Surroundings } from '../../runner/events.ts'
import { exitCodeOf, worstOutcome } from '../../runner/result.ts'

/** A results folder's events, and what to call it. */
export interface PartialRun {
  readonly name: string
  readonly events: readonly RunEvent[]
}

const maxNamed = 10

/**
 * The events of one run that did what several did, each on its own machine. A text instead of them says what is missing
 * or doubled: a part that did not come to its end, a scope that never ended, one that two parts ran, one whose folder
 * another part has too, or one of `wanted` that none did.
 */
export function mergeRuns(parts: readonly PartialRun[], wanted: readonly string[] = []): RunEvent[] | string {
  const whole = parts.map(({ name, events }) => ({ name, events, ...endsOf(events) }))
  const owners = new Map<string, string>()
  const foldersOfOthers = new Set<string>()
  for (const { name, events, started, finished } of whole) {
    if (started === undefined) return `${name} has no beginning`
    if (finished === undefined) return `${name} did not come to its end`
    if (started.kind !== whole[0]?.started?.kind) return `${name} is of another kind: ${started.kind}`
    const ended = new Set(events.flatMap((event) => (event.type === 'scope-finished' ? [event.scope] : [])))
    for (const { scope } of started.scopes) {
      if (!ended.has(scope)) return `${name} lacks the end of ${scope}`
      const owner = owners.get(scope)
      if (owner !== undefined) return `${scope} is in ${owner} and in ${name}`
      owners.set(scope, name)
    }
    const folders = events.flatMap((event) => (event.type === 'scope-started' ? (event.folder ?? []) : []))
    const shared = folders.find((folder) => foldersOfOthers.has(folder.toLowerCase()))
    if (shared !== undefined) return `${name} has files in ${shared}, and so has another part`
    for (const folder of folders) foldersOfOthers.add(folder.toLowerCase())
  }
  const missing = wanted.filter((scope) => !owners.has(scope))
  if (missing.length > maxNamed)
    return `no part has ${missing.slice(0, maxNamed).join(', ')} and ${missing.length - maxNamed} more`
  if (missing.length > 0) return `no part has ${missing.join(', ')}`
  const starts = whole.flatMap(({ started }) => started ?? [])
  const ends = whole.flatMap(({ finished }) => finished ?? [])
  const first = starts.toSorted((left, right) => Date.parse(left.startedAt) - Date.parse(right.startedAt))[0]
  if (first === undefined) return 'there is no part'
  const laterMs = (started: RunStarted | undefined) =>
    Date.parse(started?.startedAt ?? first.startedAt) - Date.parse(first.startedAt)
  const inner = whole
    .flatMap(({ events, started }) => events.map((event) => ({ ...event, at: event.at + laterMs(started) })))
    .filter(({ type }) => type !== 'run-started' && type !== 'run-finished')
    .toSorted((left, right) => left.at - right.at)
  const outcome = worstOutcome(ends.map((end) => end.outcome))
  const limits = ends.flatMap(({ maxFailures }) => maxFailures ?? [])
  const endMs = Math.max(...whole.map(({ started, finished }) => laterMs(started) + (finished?.durationMs ?? 0)))
  return [
    { ...first, scopes: starts.flatMap(({ scopes }) => scopes), surroundings: joinSurroundings(starts) },
    ...inner,
    {
      type: 'run-finished',
      at: endMs,
      outcome,
      exitCode: outcome === 'failed' ? exitCodeOf(outcome) : Math.max(...ends.map(({ exitCode }) => exitCode)),
      durationMs: endMs,
      ...(limits.length === 0 ? {} : { maxFailures: Math.max(...limits) }),
    },
  ]
}

const endsOf = (
  events: readonly RunEvent[],
): { started: RunStarted | undefined; finished: RunFinished | undefined } => ({
  started: events.find((event) => event.type === 'run-started'),
  finished: events.find((event) => event.type === 'run-finished'),
})

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
