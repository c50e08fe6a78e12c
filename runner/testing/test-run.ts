import { assertions } from '../../assertions/index.ts'
import type { CaseFinished, NewEvent } from '../events.ts'
import type { ScopeTimes } from '../expected-time.ts'
import type { Lab } from '../lab/lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import { mutantsOf, scopesToTry } from '../mutant-scopes.ts'
import { type FakeProvider, type FakeScript, fakeProvider } from '../providers/fake/fake-provider.ts'
import type { Outcome } from '../result.ts'
import { runScopes } from '../run.ts'
import type { RunOptions } from '../run-scope.ts'
import { type Scope, scopesToMutate, scopesToRun } from '../scopes.ts'
import { writeFolder } from './test-labs.ts'

// What the tests of the engine share: a lab that is text, machines that are a script.

/** What a run left. */
export interface TestRun {
  readonly outcome: Outcome
  readonly events: readonly NewEvent[]
  /** Of what the lab claims. */
  readonly cases: readonly CaseFinished[]
  /** Of what crashed. */
  readonly crashCases: readonly CaseFinished[]
  /** Outcome of each case by its name. */
  readonly verdicts: Readonly<Record<string, Outcome>>
  readonly provider: FakeProvider
}

export interface TestRunOptions {
  readonly kind?: 'run' | 'mutate' | 'mutate-auto'
  readonly signal?: AbortSignal
  readonly jobs?: number
  readonly jobsInRealTime?: number
  readonly startsAtOnce?: number
  /** As RunOptions.shares; false when left out. */
  readonly shares?: boolean
  readonly repeat?: number
  readonly retries?: number
  readonly observe?: boolean
  readonly roomBytes?: number
  readonly maxFailures?: number
  readonly times?: ScopeTimes
  readonly imagesOf?: RunOptions['imagesOf']
  readonly onFailure?: RunOptions['onFailure']
  readonly haltAtFailure?: boolean
  /** The results folder; a new one when left out. */
  readonly results?: string
  /** What is run in place of all of the kind. */
  readonly scopes?: readonly Scope[]
  onEvent?(event: NewEvent): void
}

/** The lab of a list of steps, with the machines a and b and a cable between them. */
export function labWith(steps: string, more = ''): Lab {
  const text = `title: A test\nsummary: For a test.\nnodes:\n  a: { address: 10.0.0.1 }\n  b: { address: 10.0.0.2 }\nlinks:\n  - endpoints: ["a:eth1", "b:eth1"]\nsteps:\n${steps}\n${more}\n`
  const { lab, diagnostics } = loadLab(writeFolder({ 'lab.yaml': text }), assertions)
  if (lab === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return lab
}

/** Runs a lab with a fake provider. */
export async function runTest(lab: Lab, script: FakeScript, options: TestRunOptions = {}): Promise<TestRun> {
  const provider = fakeProvider(script)
  const events: NewEvent[] = []
  const results = options.results ?? writeFolder({})
  const scopes = options.scopes ?? scopesOf(lab, options)
  const outcome = await runScopes(scopes, {
    provider,
    results,
    jobs: options.jobs ?? 1,
    ...(options.jobsInRealTime === undefined ? {} : { jobsInRealTime: options.jobsInRealTime }),
    ...(options.startsAtOnce === undefined ? {} : { startsAtOnce: options.startsAtOnce }),
    retries: options.retries ?? 0,
    shares: options.shares ?? false,
    ...(options.imagesOf === undefined ? {} : { imagesOf: options.imagesOf }),
    ...(options.times === undefined ? {} : { times: options.times }),
    ...(options.roomBytes === undefined ? {} : { roomBytes: options.roomBytes }),
    ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure }),
    ...(options.haltAtFailure === undefined ? {} : { haltAtFailure: options.haltAtFailure }),
    ...(options.maxFailures === undefined ? {} : { maxFailures: options.maxFailures }),
    keep: false,
    observe: options.observe ?? false,
    signal: options.signal ?? new AbortController().signal,
    emit(event) {
      events.push(event)
      options.onEvent?.(event)
    },
  })
  const all = events.flatMap((event) => (event.type === 'case-finished' ? [{ ...event, at: 0 }] : []))
  const crashCases = all.filter(({ assertion }) => assertion === 'no-crash')
  const cases = all.filter((one) => !crashCases.includes(one))
  const verdicts = Object.fromEntries(cases.map((one) => [one.case, one.outcome]))
  return { outcome, events, cases, crashCases, verdicts, provider }
}

function scopesOf(lab: Lab, { kind, repeat = 1 }: TestRunOptions): readonly Scope[] {
  if (kind === 'mutate-auto') return scopesToTry(mutantsOf([{ lab }]))
  return kind === 'mutate' ? scopesToMutate([{ lab }]) : scopesToRun([{ lab }], repeat)
}
