import { z } from 'zod'
import {
  atMs,
  caughtBy,
  cell,
  clockMs,
  copiedFile,
  count,
  exitCode,
  machineImage,
  maxDateMs,
  measuredOutage,
  mutantFacts,
  number,
  observedMachine,
  outcome,
  pathInResults,
  plannedScope,
  surroundings,
  text,
  texts,
  topology,
  wordedEvent,
} from './event-values.ts'
import type { RunEvent } from './events.ts'

const inScope = {
  /** `lab/variant`, with ` #n` for repetition n > 1 and ` (mutation)` for a mutation; unique in the run. */
  scope: text,
}
const inStep = { ...inScope, step: count }
const printed = {
  /** Bounded; the whole is in `log` when it was cut. */
  stdout: text,
  stderr: text,
  cut: z.boolean(),
  /** How many bytes the log lacks at its end, for want of room; absent when none. */
  lostBytes: count.exactOptional(),
}

/**
 * All events as events.jsonl has them, by their types; each has `type` and `at` besides. A new type of event is entered
 * here.
 */
export const eventFields = {
  /** The first event: which labs will run, and with what. */
  'run-started': z.object({
    /** `eventsVersion` of the wirelab that recorded it. */
    version: number,
    run: text,
    /** ISO 8601, UTC. */
    startedAt: text.refine((time) => Math.abs(Date.parse(time)) < maxDateMs / 2, 'expected a time'),
    kind: z.enum(['run', 'mutate']),
    surroundings,
    scopes: z.array(plannedScope),
    /** Set when mutants are tried: how many there are, and by which seed those of the run were chosen. */
    mutants: z.object({ of: count, seed: number.exactOptional() }).exactOptional(),
  }),
  /** Something slow is going on outside of steps; for people, not for verdicts. */
  progress: z.object({ scope: text.exactOptional(), message: text }),
  /** A lab in one variant begins: its machines are about to be brought up. */
  'scope-started': z.object({
    ...inScope,
    lab: text,
    variant: text,
    file: text,
    title: text,
    summary: text,
    /** Mistakes in older notes about the experiment: what they say, how that fails, and what works. */
    errata: z.array(z.object({ notes: text, fails: text, works: text })).exactOptional(),
    repetition: count,
    /** The scope that this is another try of: its inconclusive cases take the verdicts of this one. */
    retryOf: text.exactOptional(),
    /** Where in the results folder its captures and logs are left. */
    folder: pathInResults.exactOptional(),
    /** The image that the command line chose; the variant's name ends with `@` and it where several were. */
    image: text.exactOptional(),
    /** What its machines boot. */
    images: z.array(machineImage).exactOptional(),
    mutation: z
      .object({
        name: text,
        caughtBy: texts,
        line: count,
        /** Set when it is made by machine. Then any case may catch it, and other variants have this scope as `retryOf`. */
        mutant: mutantFacts.exactOptional(),
      })
      .exactOptional(),
    topology,
    /** Names of all cases to come, in order. */
    cases: texts,
  }),
  /** A machine answered its first command. */
  'machine-ready': z.object({ ...inScope, machine: text, durationMs: number }),
  /** A machine ended though nobody asked it to. */
  'machine-died': z.object({
    ...inScope,
    machine: text,
    reason: text,
    /** Its kernel panicked: the reason is the kernel's, and the console's lines tell of it. */
    panicked: z.boolean().exactOptional(),
    consoleTail: text,
  }),
  'step-started': z.object({
    ...inStep,
    name: text,
    why: text.exactOptional(),
    /** What a handout asks in place of what its claims do, and answers. */
    question: text.exactOptional(),
    answer: text.exactOptional(),
    node: text.exactOptional(),
    script: text.exactOptional(),
    /** The files that are copied first. */
    copies: z.array(copiedFile).exactOptional(),
    /** What will happen to cables, machines and NICs. */
    events: z.array(z.object(wordedEvent)).exactOptional(),
  }),
  /** A step's script, or a probe of an expectation, came to its end. */
  'command-finished': z.object({
    ...inStep,
    node: text,
    command: text,
    exitCode,
    ...printed,
    log: pathInResults.exactOptional(),
    durationMs: number,
  }),
  /** An event of the lab happened: to a cable, a machine or a NIC. */
  'event-happened': z.object({
    ...inStep,
    ...wordedEvent,
    /** The host's clock before and after it was done. */
    beganMs: clockMs,
    endedMs: clockMs,
  }),
  /** What a stream, or requests, suffered while events happened. */
  'outage-measured': z.object({
    ...inStep,
    /** The node that sends, or asks. */
    from: text,
    /** The address, and the nodes that may receive; none for requests. */
    to: text,
    receivers: texts,
    /** Times in it are milliseconds since the first event. */
    measured: measuredOutage,
  }),
  /** A background process runs and is ready. */
  'process-started': z.object({
    ...inStep,
    /** Its id in the lab. */
    process: text,
    node: text,
    command: text,
    /** How long it took to be ready. */
    durationMs: number,
  }),
  /**
   * A background process ended: stopped by a step, by itself, or before it was ready. Not reported at the end of the
   * lab.
   */
  'process-ended': z.object({ ...inStep, process: text, node: text, exitCode, ...printed, log: pathInResults }),
  /** A capture was ended and kept. */
  'capture-saved': z.object({
    ...inStep,
    capture: text,
    endpoint: text,
    where: z.enum(['cable', 'nic']),
    frames: count,
    /** How many more came that the kernel had no room for; absent when none. */
    dropped: count.exactOptional(),
    /** It ended before its time, for want of room: later frames are missing. */
    cut: z.literal(true).exactOptional(),
    path: pathInResults,
  }),
  /** A file of a node was brought into the results. */
  'file-fetched': z.object({
    ...inStep,
    node: text,
    /** Its path in the node. */
    from: text,
    bytes: count,
    /** There was more, for which there was no room. */
    cut: z.literal(true).exactOptional(),
    path: pathInResults,
  }),
  /** What the kernels said of the network when a step was done; of runs that are told to look. */
  'network-observed': z.object({ ...inStep, machines: z.array(observedMachine) }),
  /** A file of the results could not be written to its end. What it is of went on; the run's exit code is not 0. */
  'record-lost': z.object({ ...inScope, path: pathInResults, cause: text }),
  /** A step's commands are done (its expectations come before this as cases). */
  'step-finished': z.object({
    ...inStep,
    outcome,
    message: text.exactOptional(),
    durationMs: number,
    /** Where the step stands, when there is a message. */
    file: text.exactOptional(),
    line: count.exactOptional(),
  }),
  'case-started': z.object({ ...inStep, case: text }),
  /** The verdict on one claim. */
  'case-finished': z.object({
    ...inStep,
    stepName: text,
    /** Unique in the scope: the step's name and the claim's, and a number where that is not enough. */
    case: text,
    /** What the lab calls the claim; the claim itself where it gives no name. */
    claim: text,
    assertion: text,
    outcome,
    /** The claim in the assertion's words. */
    wanted: text,
    /** What to ask of who does the experiment; its words do not give the answer away. */
    question: text,
    /** The lab's own answer. */
    answer: text.exactOptional(),
    found: text,
    cells: z.array(cell).exactOptional(),
    /** How it was looked, as a person would: `[host] $ ping 10.0.3.78`; the first commands, where they are many. */
    asked: texts.exactOptional(),
    /** Commands of the last attempt with their output, as a person would see them; bounded. */
    transcript: text,
    attempts: number,
    durationMs: number,
    file: text,
    line: count,
  }),
  /** All cases of the scope are judged and its machines are gone. */
  'scope-finished': z.object({
    ...inScope,
    outcome,
    durationMs: number,
    /** Why cases are errors or skipped, when the whole scope broke. */
    message: text.exactOptional(),
    /** For a mutation: whether the cases that it names failed, and what went otherwise. */
    caught: z.boolean().exactOptional(),
    /** A pause that its protocols do not bear may be why a step went wrong: another try may tell more. */
    isInDoubt: z.literal(true).exactOptional(),
    /** A signal ended the run before it was done. */
    interrupted: z.literal(true).exactOptional(),
    /** What noticed a mutant that was caught. */
    caughtBy: caughtBy.exactOptional(),
    /**
     * How many steps before a trial's mistake were done and judged once for several trials, in which scope, and why not
     * more. Absent where there was nothing to share.
     */
    beginning: z.object({ done: count, scope: text.exactOptional(), why: text.exactOptional() }).exactOptional(),
  }),
  /** The last event. Missing when the runner was killed. */
  'run-finished': z.object({
    outcome,
    /** 128 and the signal's number, when a signal ended the run. */
    exitCode: exitCode.min(0).max(255),
    durationMs: number,
    /** What had not begun was not tried, because so many variants, or mutations, had failed. */
    maxFailures: count.exactOptional(),
  }),
} as const

const schemas = new Map<unknown, z.ZodType>(
  Object.entries(eventFields).map(([type, own]) => [type, z.object({ at: atMs, ...own.shape })]),
)

/**
 * The event that a value is; each of its fields is what its type says, and fields that nobody knows stay. A text
 * instead of it says what is wrong.
 */
export function readEvent(value: unknown): RunEvent | string {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  const schema = schemas.get(type)
  if (schema === undefined) return `this is not an event (type ${JSON.stringify(type) ?? 'none'})`
  const [issue] = schema.safeParse(value).error?.issues ?? []
  return issue === undefined
    ? (value as RunEvent)
    : `this is no ${String(type)} event: ${issue.path.map(String).join('.')}: ${issue.message}`
}
