import type { MeasuredOutage } from '../assertions/outage/measure.ts'
import type {
  CaughtBy,
  CopiedFile,
  MachineImage,
  MutantFacts,
  ObservedMachine,
  PlannedScope,
  Surroundings,
  Topology,
  WordedEvent,
} from './event-values.ts'
import type { Outcome } from './result.ts'

export type {
  CaughtBy,
  CopiedFile,
  Impairment,
  LabEvent,
  MachineImage,
  MutantFacts,
  ObservedInterface,
  ObservedMachine,
  ObservedNamespace,
  PlannedScope,
  Surroundings,
  Topology,
} from './event-values.ts'

export { isImpaired, renderDeath, renderImpairment } from './event-values.ts'

/** Version of the events' format, which the first event of an events.jsonl carries. */
export const eventsVersion = 2

/**
 * Everything that happens in a run, in one stream: kept as events.jsonl, and all that reports are made from.
 * Each event carries `at`, milliseconds since the run began; those of a lab carry `scope`, which names the bring-up
 * that it belongs to and is unique in the run.
 */
export type RunEvent =
  | RunStarted
  | Progress
  | ScopeStarted
  | MachineReady
  | MachineDied
  | StepStarted
  | CommandFinished
  | EventHappened
  | OutageMeasured
  | ProcessStarted
  | ProcessEnded
  | CaptureSaved
  | FileFetched
  | NetworkObserved
  | RecordLost
  | StepFinished
  | CaseStarted
  | CaseFinished
  | ScopeFinished
  | RunFinished

interface EventBase<T extends string> {
  readonly type: T
  /** Milliseconds since the run began. */
  readonly at: number
}

interface ScopedEvent<T extends string> extends EventBase<T> {
  /** `lab/variant`, with ` #n` for repetition n > 1 and ` (mutation)` for a mutation. */
  readonly scope: string
}

/** The first event: which labs will run, and with what. */
export interface RunStarted extends EventBase<'run-started'> {
  /** `eventsVersion` of the wirelab that recorded it. */
  readonly version: number
  readonly run: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly kind: 'run' | 'mutate'
  readonly surroundings: Surroundings
  readonly scopes: readonly PlannedScope[]
  /** Set when mutants are tried: how many there are, and by which seed those of the run were chosen. */
  readonly mutants?: { readonly of: number; readonly seed?: number }
}

/** Something slow is going on outside of steps; for people, not for verdicts. */
export interface Progress extends EventBase<'progress'> {
  readonly scope?: string
  readonly message: string
}

/** A lab in one variant begins: its machines are about to be brought up. */
export interface ScopeStarted extends ScopedEvent<'scope-started'> {
  readonly lab: string
  readonly variant: string
  readonly file: string
  readonly title: string
  readonly summary: string
  /** Mistakes in older notes about the experiment: what they say, how that fails, and what works. */
  readonly errata?: readonly { readonly notes: string; readonly fails: string; readonly works: string }[]
  readonly repetition: number
  /** The scope that this is another try of: its inconclusive cases take the verdicts of this one. */
  readonly retryOf?: string
  /** Where in the results folder its captures and logs are left. */
  readonly folder?: string
  /** The image that the command line chose; the variant's name ends with `@` and it where several were. */
  readonly image?: string
  /** What its machines boot. */
  readonly images?: readonly MachineImage[]
  readonly mutation?: {
    readonly name: string
    readonly caughtBy: readonly string[]
    readonly line: number
    /** Set when it is made by machine. Then any case may catch it, and other variants have this scope as `retryOf`. */
    readonly mutant?: MutantFacts
  }
  readonly topology: Topology
  /** Names of all cases to come, in order. */
  readonly cases: readonly string[]
}

/** A machine answered its first command. */
export interface MachineReady extends ScopedEvent<'machine-ready'> {
  readonly machine: string
  readonly durationMs: number
}

/** A machine ended though nobody asked it to. */
export interface MachineDied extends ScopedEvent<'machine-died'> {
  readonly machine: string
  readonly reason: string
  /** Its kernel panicked: the reason is the kernel's, and the console's lines tell of it. */
  readonly panicked?: boolean
  readonly consoleTail: string
}

export interface StepStarted extends ScopedEvent<'step-started'> {
  readonly step: number
  readonly name: string
  readonly why?: string
  /** What a handout asks in place of what its claims do, and answers. */
  readonly question?: string
  readonly answer?: string
  readonly node?: string
  readonly script?: string
  /** The files that are copied first. */
  readonly copies?: readonly CopiedFile[]
  /** What will happen to cables, machines and NICs. */
  readonly events?: readonly WordedEvent[]
}

/** A step's script, or a probe of an expectation, came to its end. */
export interface CommandFinished extends ScopedEvent<'command-finished'> {
  readonly step: number
  readonly node: string
  readonly command: string
  readonly exitCode: number
  /** Bounded; the whole is in `log` when it was cut. */
  readonly stdout: string
  readonly stderr: string
  readonly cut: boolean
  /** Path in the results folder. */
  readonly log?: string
  /** How many bytes the log lacks at its end, for want of room; absent when none. */
  readonly lostBytes?: number
  readonly durationMs: number
}

/** An event of the lab happened: to a cable, a machine or a NIC. */
export interface EventHappened extends ScopedEvent<'event-happened'>, WordedEvent {
  readonly step: number
  /** The host's clock before and after it was done, in milliseconds since 1970. */
  readonly beganMs: number
  readonly endedMs: number
}

/** What a stream, or requests, suffered while events happened. */
export interface OutageMeasured extends ScopedEvent<'outage-measured'> {
  readonly step: number
  /** The node that sends, or asks. */
  readonly from: string
  /** The address, and the nodes that may receive; none for requests. */
  readonly to: string
  readonly receivers: readonly string[]
  /** Times in it are milliseconds since the first event. */
  readonly measured: MeasuredOutage
}

/** A background process runs and is ready. */
export interface ProcessStarted extends ScopedEvent<'process-started'> {
  readonly step: number
  /** Its id in the lab. */
  readonly process: string
  readonly node: string
  readonly command: string
  /** How long it took to be ready. */
  readonly durationMs: number
}

/**
 * A background process ended: stopped by a step, by itself, or before it was ready. Not reported at the end of the lab.
 */
export interface ProcessEnded extends ScopedEvent<'process-ended'> {
  readonly step: number
  readonly process: string
  readonly node: string
  readonly exitCode: number
  /** Bounded; the whole is in `log`. */
  readonly stdout: string
  readonly stderr: string
  readonly cut: boolean
  /** Path in the results folder. */
  readonly log: string
  /** How many bytes the log lacks at its end, for want of room; absent when none. */
  readonly lostBytes?: number
}

/** A capture was ended and kept. */
export interface CaptureSaved extends ScopedEvent<'capture-saved'> {
  readonly step: number
  readonly capture: string
  readonly endpoint: string
  readonly where: 'cable' | 'nic'
  readonly frames: number
  /** How many more came that the kernel had no room for; absent when none. */
  readonly dropped?: number
  /** It ended before its time, for want of room: later frames are missing. */
  readonly cut?: true
  /** Path in the results folder. */
  readonly path: string
}

/** A file of a node was brought into the results. */
export interface FileFetched extends ScopedEvent<'file-fetched'> {
  readonly step: number
  readonly node: string
  /** Its path in the node. */
  readonly from: string
  readonly bytes: number
  /** There was more, for which there was no room. */
  readonly cut?: true
  /** Path in the results folder. */
  readonly path: string
}

/** What the kernels said of the network when a step was done; of runs that are told to look. */
export interface NetworkObserved extends ScopedEvent<'network-observed'> {
  readonly step: number
  readonly machines: readonly ObservedMachine[]
}

/** A file of the results could not be written to its end. What it is of went on; the run's exit code is not 0. */
export interface RecordLost extends ScopedEvent<'record-lost'> {
  /** Path in the results folder. */
  readonly path: string
  readonly cause: string
}

/** A step's commands are done (its expectations come before this as cases). */
export interface StepFinished extends ScopedEvent<'step-finished'> {
  readonly step: number
  readonly outcome: Outcome
  readonly message?: string
  readonly durationMs: number
  /** Where the step stands, when there is a message. */
  readonly file?: string
  readonly line?: number
}

export interface CaseStarted extends ScopedEvent<'case-started'> {
  readonly step: number
  readonly case: string
}

/** The verdict on one claim. */
export interface CaseFinished extends ScopedEvent<'case-finished'> {
  readonly step: number
  readonly stepName: string
  /** Unique in the scope: the step's name and the claim's, and a number where that is not enough. */
  readonly case: string
  /** What the lab calls the claim; the claim itself where it gives no name. */
  readonly claim: string
  readonly assertion: string
  readonly outcome: Outcome
  /** The claim in the assertion's words. */
  readonly wanted: string
  /** What to ask of who does the experiment; its words do not give the answer away. */
  readonly question: string
  /** The lab's own answer. */
  readonly answer?: string
  readonly found: string
  readonly cells?: readonly {
    readonly row: string
    readonly column: string
    readonly wanted: string
    readonly found: string
    readonly verdict: 'passed' | 'failed' | 'inconclusive'
  }[]
  /** How it was looked, as a person would: `[host] $ ping 10.0.3.78`; the first commands, where they are many. */
  readonly asked?: readonly string[]
  /** Commands of the last attempt with their output, as a person would see them; bounded. */
  readonly transcript: string
  readonly attempts: number
  readonly durationMs: number
  readonly file: string
  readonly line: number
}

/** All cases of the scope are judged and its machines are gone. */
export interface ScopeFinished extends ScopedEvent<'scope-finished'> {
  readonly outcome: Outcome
  readonly durationMs: number
  /** Why cases are errors or skipped, when the whole scope broke. */
  readonly message?: string
  /** For a mutation: whether the cases that it names failed, and what went otherwise. */
  readonly caught?: boolean
  /** A pause that its protocols do not bear may be why a step went wrong: another try may tell more. */
  readonly isInDoubt?: true
  /** A signal ended the run before it was done. */
  readonly interrupted?: true
  /** What noticed a mutant that was caught. */
  readonly caughtBy?: CaughtBy
  /**
   * How many steps before a trial's mistake were done and judged once for several trials, in which scope, and why not
   * more. Absent where there was nothing to share.
   */
  readonly beginning?: { readonly done: number; readonly scope?: string; readonly why?: string }
}

/** The last event. Missing when the runner was killed. */
export interface RunFinished extends EventBase<'run-finished'> {
  readonly outcome: Outcome
  /** 128 and the signal's number, when a signal ended the run. */
  readonly exitCode: number
  readonly durationMs: number
  /** What had not begun was not tried, because so many variants, or mutations, had failed. */
  readonly maxFailures?: number
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
