import type { z } from 'zod'
import type { eventFields } from './event-schema.ts'
import type * as values from './event-values.ts'
import type { Impairment } from './lab/lab.ts'
import type { LabEvent } from './lab/lab-event.ts'

export type { Impairment } from './lab/lab.ts'
export type { LabEvent } from './lab/lab-event.ts'

/** Version of the events' format, which the first event of an events.jsonl carries. */
export const eventsVersion = 2

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T
type Value<S extends z.ZodType> = DeepReadonly<z.infer<S>>

/**
 * Everything that happens in a run, in one stream: kept as events.jsonl, and all that reports are made from.
 * Each event carries `at`, milliseconds since the run began; those of a lab carry `scope`, which names the bring-up
 * that it belongs to and is unique in the run. `event-schema.ts` says what else each has.
 */
export type RunEvent = { [T in keyof typeof eventFields]: EventOf<T> }[keyof typeof eventFields]

/** An event by its type. */
type EventOf<T extends keyof typeof eventFields> = { readonly type: T; readonly at: number } & Value<
  (typeof eventFields)[T]
>

export type RunStarted = EventOf<'run-started'>
export type Progress = EventOf<'progress'>
export type ScopeStarted = EventOf<'scope-started'>
export type MachineReady = EventOf<'machine-ready'>
export type MachineDied = EventOf<'machine-died'>
export type StepStarted = EventOf<'step-started'>
export type CommandFinished = EventOf<'command-finished'>
export type EventHappened = EventOf<'event-happened'>
export type OutageMeasured = EventOf<'outage-measured'>
export type ProcessStarted = EventOf<'process-started'>
export type ProcessEnded = EventOf<'process-ended'>
export type CaptureSaved = EventOf<'capture-saved'>
export type FileFetched = EventOf<'file-fetched'>
export type NetworkObserved = EventOf<'network-observed'>
export type RecordLost = EventOf<'record-lost'>
export type StepFinished = EventOf<'step-finished'>
export type CaseFinished = EventOf<'case-finished'>
export type ScopeFinished = EventOf<'scope-finished'>
export type RunFinished = EventOf<'run-finished'>

export type CaughtBy = Value<typeof values.caughtBy>
export type CopiedFile = Value<typeof values.copiedFile>
export type MachineImage = Value<typeof values.machineImage>
export type MutantFacts = Value<typeof values.mutantFacts>
export type ObservedInterface = Value<typeof values.observedInterface>
export type ObservedNamespace = Value<typeof values.observedNamespace>
export type ObservedMachine = Value<typeof values.observedMachine>
export type PlannedScope = Value<typeof values.plannedScope>
export type Surroundings = Value<typeof values.surroundings>
export type Topology = Value<typeof values.topology>

/** An event of a lab, with the words for it: "link r1:eth1 down". */
export interface WordedEvent {
  readonly event: LabEvent
  readonly words: string
}

/** A receiver of events; must not throw. */
export type EventSink = (event: RunEvent) => void

type WithoutTime<E> = E extends RunEvent ? Omit<E, 'at'> : never

/** An event before its time is stamped. */
export type NewEvent = WithoutTime<RunEvent>

/** Passes events on to a sink, each stamped with the time since `startedMs` (by `performance.now()`). */
export const stampTimes =
  (sink: EventSink, startedMs = performance.now()) =>
  (event: NewEvent): void =>
    sink({ ...event, at: Math.round((performance.now() - startedMs) * 10) / 10 } as RunEvent)

/** How a machine ended, in words: "machine r1 panicked: sysrq triggered crash". */
export const renderDeath = ({
  machine,
  reason,
  panicked,
}: {
  readonly machine: string
  readonly reason: string
  readonly panicked?: boolean
}): string => `machine ${machine} ${panicked ? 'panicked' : 'died'}: ${reason}`

/** An impairment in words, as "delay 10 ms, loss 1 %"; "not impaired" when it is empty. */
export const renderImpairment = ({ delayMs, jitterMs, lossPercent, rate }: Impairment): string =>
  [
    ...(delayMs === undefined ? [] : [`delay ${delayMs} ms${jitterMs === undefined ? '' : ` ± ${jitterMs} ms`}`]),
    ...(lossPercent === undefined ? [] : [`loss ${lossPercent} %`]),
    ...(rate === undefined ? [] : [`rate ${rate}`]),
  ].join(', ') || 'not impaired'

/** Whether an impairment changes anything. */
export const isImpaired = (impairment: Impairment): boolean => Object.keys(impairment).length > 0
