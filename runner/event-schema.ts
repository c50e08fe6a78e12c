import { z } from 'zod'
import type { RunEvent } from './events.ts'

/** An event by its type. */
type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>

/** A check for each field of an event: the compiler says where a field, or a type of event, has none. */
type FieldsOf<E> = { readonly [K in Exclude<keyof E, 'type' | 'at'>]-?: z.ZodType<E[K]> }

/** The greatest distance from 1970 that a Date has, in milliseconds. */
const maxDateMs = 8.64e15

const text = z.string()
const maybeText = text.optional()
const number = z.number()
const count = z.int().min(0)
/** Since the run began: three thousand years are enough, and no date made of it is none. */
const atMs = number.min(0).max(maxDateMs / 100)
const clockMs = number.min(-maxDateMs).max(maxDateMs)
const exitCode = z.int()
const texts = z.array(text)
const outcome = z.enum(['passed', 'failed', 'error', 'skipped'])

/** Where a file is in the results folder: nothing in it leads out of that, and nothing ends the words around it. */
const pathInResults = text.refine(
  (path) =>
    path.isWellFormed() &&
    !/[\p{Cc}\\]|\]\]/u.test(path) &&
    path.split('/').every((part) => !['', '.', '..'].includes(part)),
  'expected a path in the results folder',
)

const impairment = z.object({
  delayMs: number.exactOptional(),
  jitterMs: number.exactOptional(),
  lossPercent: number.exactOptional(),
  rate: text.exactOptional(),
})

const endpoint = z.object({ node: text, nic: text })

const labEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('link'),
    endpoint,
    state: z.enum(['up', 'down', 'silent']),
    direction: z.enum(['both', 'in', 'out']),
  }),
  z.object({
    kind: z.literal('machine'),
    node: text,
    state: z.enum(['crashed', 'stopped', 'frozen', 'running']),
  }),
  z.object({ kind: z.literal('nic'), endpoint, state: z.enum(['plugged', 'unplugged']) }),
  z.object({ kind: z.literal('impair'), endpoint, impairment }),
])

const topology = z.object({
  nodes: z.array(z.object({ name: text, namespaceOf: text.exactOptional(), address: text.exactOptional() })),
  links: z.array(
    z.object({
      endpoints: z.array(text).min(2),
      unplugged: texts.exactOptional(),
      impairment: impairment.exactOptional(),
      impairments: z.record(z.string(), impairment).exactOptional(),
    }),
  ),
})

const observedInterface = z.object({
  name: text,
  kind: text.exactOptional(),
  endpoint: text.exactOptional(),
  state: z.enum(['up', 'down', 'no carrier']),
  addresses: texts,
  master: text.exactOptional(),
  part: z.enum(['blocking', 'active', 'backup']).exactOptional(),
  other: z.object({ namespace: text, name: text }).exactOptional(),
  mode: text.exactOptional(),
  id: number.exactOptional(),
  remote: text.exactOptional(),
  vlans: texts.exactOptional(),
})

const observedMachine = z.object({
  name: text,
  namespaces: z.array(z.object({ name: text, interfaces: z.array(observedInterface) })),
  trouble: text.exactOptional(),
})

const gap = z.object({
  fromMs: number,
  lengthMs: number,
  stalledMs: number,
  heldMs: number,
  event: text,
  afterEventMs: number,
  open: z.boolean(),
})

const measuredOutage = z.object({
  everyMs: number,
  resolutionMs: number,
  gapFromMs: number,
  sent: number,
  arrived: number,
  lost: number,
  duplicated: number,
  reordered: number,
  refused: number,
  refusals: texts,
  arrivedBefore: number,
  longestBeforeMs: number,
  longestGap: gap,
  gaps: z.array(gap),
  recovered: z.boolean(),
  steadyMs: number,
  withinMs: number,
  ranMs: number,
  events: z.array(z.object({ event: text, atMs: number })),
  fromMs: number,
  untilMs: number,
  firstEventMs: number,
})

const surroundings = z.object({
  wirelab: text,
  provider: text,
  accelerator: text,
  qemu: text,
  image: text,
  kernel: text,
  host: text,
  node: text,
})

const cell = z.object({
  row: text,
  column: text,
  wanted: text,
  found: text,
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
})

const mutant = z.object({
  kind: z.enum(['step', 'command', 'other']),
  change: text,
  file: text,
  line: count,
  column: count,
  text,
  survives: text.exactOptional(),
})

const caughtBy = z.union([z.object({ case: text }), z.object({ step: text, message: text })])

const inScope = { scope: text }
const inStep = { scope: text, step: count }
const printed = { stdout: text, stderr: text, cut: z.boolean() }

/** All events as events.jsonl has them. A new type of event is entered here. */
const fields: { readonly [T in RunEvent['type']]: FieldsOf<EventOf<T>> } = {
  'run-started': {
    version: number,
    run: text,
    startedAt: text.refine((time) => Math.abs(Date.parse(time)) < maxDateMs / 2, 'expected a time'),
    kind: z.enum(['run', 'mutate']),
    surroundings,
    scopes: z.array(z.object({ scope: text, lab: text, variant: text })),
    mutants: z.object({ of: count, seed: number.exactOptional() }).optional(),
  },
  progress: { scope: maybeText, message: text },
  'scope-started': {
    ...inScope,
    lab: text,
    variant: text,
    file: text,
    title: text,
    summary: text,
    errata: z.array(z.object({ notes: text, fails: text, works: text })).optional(),
    repetition: count,
    retryOf: maybeText,
    folder: pathInResults.optional(),
    image: maybeText,
    images: z.array(z.object({ machine: text, image: text, key: text, kernel: text })).optional(),
    mutation: z.object({ name: text, caughtBy: texts, line: count, mutant: mutant.exactOptional() }).optional(),
    topology,
    cases: texts,
  },
  'machine-ready': { ...inScope, machine: text, durationMs: number },
  'machine-died': {
    ...inScope,
    machine: text,
    reason: text,
    panicked: z.boolean().optional(),
    consoleTail: text,
  },
  'step-started': {
    ...inStep,
    name: text,
    why: maybeText,
    question: maybeText,
    answer: maybeText,
    node: maybeText,
    script: maybeText,
    copies: z.array(z.object({ to: text, from: text, text: text.exactOptional() })).optional(),
    events: z.array(z.object({ event: labEvent, words: text })).optional(),
  },
  'command-finished': {
    ...inStep,
    node: text,
    command: text,
    exitCode,
    ...printed,
    log: pathInResults.optional(),
    lostBytes: count.optional(),
    durationMs: number,
  },
  'event-happened': { ...inStep, event: labEvent, words: text, beganMs: clockMs, endedMs: clockMs },
  'outage-measured': { ...inStep, from: text, to: text, receivers: texts, measured: measuredOutage },
  'process-started': { ...inStep, process: text, node: text, command: text, durationMs: number },
  'process-ended': {
    ...inStep,
    process: text,
    node: text,
    exitCode,
    ...printed,
    log: pathInResults,
    lostBytes: count.optional(),
  },
  'capture-saved': {
    ...inStep,
    capture: text,
    endpoint: text,
    where: z.enum(['cable', 'nic']),
    frames: count,
    dropped: count.optional(),
    cut: z.literal(true).optional(),
    path: pathInResults,
  },
  'file-fetched': {
    ...inStep,
    node: text,
    from: text,
    bytes: count,
    cut: z.literal(true).optional(),
    path: pathInResults,
  },
  'network-observed': { ...inStep, machines: z.array(observedMachine) },
  'record-lost': { ...inScope, path: pathInResults, cause: text },
  'step-finished': {
    ...inStep,
    outcome,
    message: maybeText,
    durationMs: number,
    file: maybeText,
    line: count.optional(),
  },
  'case-started': { ...inStep, case: text },
  'case-finished': {
    ...inStep,
    stepName: text,
    case: text,
    claim: text,
    assertion: text,
    outcome,
    wanted: text,
    question: text,
    answer: maybeText,
    found: text,
    cells: z.array(cell).optional(),
    asked: texts.optional(),
    transcript: text,
    attempts: number,
    durationMs: number,
    file: text,
    line: count,
  },
  'scope-finished': {
    ...inScope,
    outcome,
    durationMs: number,
    message: maybeText,
    caught: z.boolean().optional(),
    isInDoubt: z.literal(true).optional(),
    interrupted: z.literal(true).optional(),
    caughtBy: caughtBy.optional(),
    beginning: z.object({ done: count, scope: text.exactOptional(), why: text.exactOptional() }).optional(),
  },
  'run-finished': { outcome, exitCode: exitCode.min(0).max(255), durationMs: number, maxFailures: count.optional() },
}

const schemas = new Map<unknown, z.ZodType>(
  Object.entries(fields).map(([type, own]) => [type, z.object({ at: atMs, ...own })]),
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
