import type {
  CaptureSaved,
  CommandFinished,
  EventHappened,
  FileFetched,
  LabEvent,
  MachineDied,
  MachineReady,
  NetworkObserved,
  OutageMeasured,
  ProcessEnded,
  ProcessStarted,
  RunEvent,
  StepFinished,
  StepStarted,
} from '../../runner/events.ts'
import { manyScopes } from './many-scopes.ts'
import { isTrouble } from './outcomes.ts'
import { createSummaryFold, type JudgedCase, type RunSummary, type ScopeSummary, summarise } from './summary.ts'

/** A run as it is told: what became of it, and each of its scopes when it is asked for. */
export interface RunStory {
  readonly summary: RunSummary
  /** Tells a scope of the summary, or another try of one, step by step. */
  readonly tell: (scope: ScopeSummary) => ScopeStory
}

/** One bring-up of a lab. */
export interface ScopeStory {
  readonly summary: ScopeSummary
  readonly ready: readonly MachineReady[]
  readonly died: readonly MachineDied[]
  readonly steps: readonly StepStory[]
  /** Cases that count and belong to no step: not judged, a broken step, a mutation. */
  readonly apart: readonly JudgedCase[]
  /** Its events are not known: it is told of its cases alone. */
  readonly isOutline: boolean
}

/** A step and all that was seen of it. */
export interface StepStory {
  /** Its place in the lab, counted from 0. */
  readonly step: number
  readonly started?: StepStarted
  readonly finished?: StepFinished
  readonly commands: readonly CommandFinished[]
  readonly processes: readonly (ProcessStarted | ProcessEnded)[]
  readonly happened: readonly EventHappened[]
  readonly outages: readonly OutageMeasured[]
  readonly captures: readonly CaptureSaved[]
  readonly fetched: readonly FileFetched[]
  readonly cases: readonly JudgedCase[]
  /** The network as it left it, where that was looked at and is not as the look before showed it. */
  readonly network?: NetworkObserved['machines']
  /** What had happened to cables, machines and NICs when it ended. */
  readonly happenedSoFar: readonly LabEvent[]
}

/** Builds the story of a run from its events. Of very many scopes it tells those that passed as outlines. */
export function buildStory(events: readonly RunEvent[]): RunStory {
  const byScope = Map.groupBy(events.filter(isOfScope), ({ scope }) => scope)
  const summary = summarise(events)
  const tellsAll = summary.scopes.length <= manyScopes
  const eventsOf = ({ scope, outcome }: ScopeSummary) =>
    tellsAll || isTrouble(outcome) ? (byScope.get(scope) ?? []) : []
  return { summary, tell: (scope) => tellScope(scope, eventsOf(scope)) }
}

/** The story of a scope whose summary is an outline, from all its events and those of its other tries. */
export function retellScope({ scope }: ScopeSummary, events: readonly RunEvent[]): ScopeStory | undefined {
  const fold = createSummaryFold()
  for (const event of events) fold.add(event)
  const summary = fold.resultOf(scope)
  return (
    summary &&
    tellScope(
      summary,
      events.filter(isOfScope).filter((event) => event.scope === scope),
    )
  )
}

type ScopedEvent = Exclude<RunEvent, { type: 'run-started' | 'run-finished' | 'progress' }>

const isOfScope = (event: RunEvent): event is ScopedEvent =>
  event.type !== 'run-started' && event.type !== 'run-finished' && event.type !== 'progress'

/** The story of a scope from its own events; without them it is told of its cases alone. */
export function tellScope(summary: ScopeSummary, events: readonly ScopedEvent[]): ScopeStory {
  const cases = summary.mutated ?? summary.cases
  const counted = new Set(cases.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict.step])))
  const steps = new Set([...events.flatMap((event) => ('step' in event ? [event.step] : [])), ...counted])
  const ofType = <T extends RunEvent['type']>(type: T) => events.filter((event) => hasType(event, type))
  const apart = [
    ...summary.cases.filter(({ verdict }) => verdict === undefined),
    ...(summary.mutated ?? []).filter(({ verdict }) => verdict === undefined),
  ]
  return {
    summary,
    ready: ofType('machine-ready'),
    died: ofType('machine-died'),
    steps: [...steps]
      .toSorted((left, right) => left - right)
      .map((step) =>
        stepStory(
          step,
          events.filter((event) => 'step' in event && event.step === step),
          cases.filter(({ verdict }) => verdict?.step === step),
          ofType('event-happened').flatMap((event) => (event.step <= step ? [event.event] : [])),
          changedNetworks(ofType('network-observed'), ofType('event-happened')).get(step),
        ),
      ),
    apart,
    isOutline: events.length === 0 && summary.started !== undefined,
  }
}

/** Networks by the steps after which they are not as they were: other machines' words, or cables to which things happened. */
function changedNetworks(
  looks: readonly NetworkObserved[],
  happened: readonly EventHappened[],
): ReadonlyMap<number, NetworkObserved['machines']> {
  const changed = looks.filter(({ step, machines }, at) => {
    const before = looks[at - 1]
    if (before === undefined || JSON.stringify(before.machines) !== JSON.stringify(machines)) return true
    return happened.some((event) => event.step > before.step && event.step <= step)
  })
  return new Map(changed.map(({ step, machines }) => [step, machines]))
}

function stepStory(
  step: number,
  events: readonly ScopedEvent[],
  cases: readonly JudgedCase[],
  happenedSoFar: readonly LabEvent[],
  network: StepStory['network'],
): StepStory {
  const ofType = <T extends RunEvent['type']>(type: T) => events.filter((event) => hasType(event, type))
  const [started] = ofType('step-started')
  const [finished] = ofType('step-finished')
  return {
    step,
    ...(started === undefined ? {} : { started }),
    ...(finished === undefined ? {} : { finished }),
    commands: ofType('command-finished'),
    processes: events.filter((event) => hasType(event, 'process-started') || hasType(event, 'process-ended')),
    happened: ofType('event-happened'),
    outages: ofType('outage-measured'),
    captures: ofType('capture-saved'),
    fetched: ofType('file-fetched'),
    cases,
    ...(network === undefined ? {} : { network }),
    happenedSoFar,
  }
}

const hasType = <T extends RunEvent['type']>(event: RunEvent, type: T): event is Extract<RunEvent, { type: T }> =>
  event.type === type
