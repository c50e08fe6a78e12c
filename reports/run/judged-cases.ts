import type {
  CaptureSaved,
  CaseFinished,
  EventHappened,
  FileFetched,
  MachineDied,
  ScopeFinished,
  ScopeStarted,
  StepFinished,
} from '../../runner/events.ts'
import { renderDeath } from '../../runner/events.ts'
import { joinedOutcome, type Outcome, worstOutcome } from '../../runner/result.ts'
import { isTrouble } from './outcomes.ts'

/** One line of a report: a case with a verdict, or one that should have had one. */
export interface JudgedCase {
  readonly name: string
  readonly outcome: Outcome
  /** Why it is not passed; empty when it is. */
  readonly message: string
  readonly durationMs: number
  /** The lab's file, and where in it the claim stands when that is known. */
  readonly file: string
  readonly line?: number
  /** Missing when the case never came to a verdict, and for a mutation. */
  readonly verdict?: CaseFinished
  /** What other tries of a case gave that was inconclusive in some try. */
  readonly otherTries?: readonly JudgedCase[]
  /** What was captured for it, and files that were fetched. */
  readonly captures: readonly KeptResult[]
  /** What happened to cables, machines and NICs in its step. */
  readonly happened?: readonly EventHappened[]
}

/** Of a step, kept in a file. */
export type KeptResult = CaptureSaved | FileFetched

/** What the events said about one scope, as it came. */
export interface ScopeRecord {
  readonly scope: string
  started?: ScopeStarted
  finished?: ScopeFinished
  died?: MachineDied
  readonly verdicts: Map<string, CaseFinished>
  readonly captures: KeptResult[]
  readonly happened: EventHappened[]
  readonly stepNames: Map<number, string>
  readonly brokenSteps: StepFinished[]
  lastAtMs: number
}

/**
 * The cases of a scope in the order announced. One that was never judged is an error, unless the whole was skipped: it
 * must not look like a pass.
 */
export function casesOf(record: ScopeRecord): JudgedCase[] {
  const announced = record.started?.cases ?? []
  const names = new Set([...announced, ...record.verdicts.keys()])
  const captures = capturesByCase(record)
  const file = record.started?.file ?? ''
  return [...names].map((name) => {
    const verdict = record.verdicts.get(name)
    const kept = { name, captures: captures.get(name) ?? [] }
    if (verdict === undefined && record.finished?.outcome === 'skipped')
      return { ...kept, outcome: 'skipped', message: whyUnfinished(record), durationMs: 0, file }
    if (verdict === undefined) {
      return { ...kept, outcome: 'error', message: `not judged: ${whyUnfinished(record)}`, durationMs: 0, file }
    }
    const { outcome, durationMs, line } = verdict
    const happened = record.happened.filter(({ step }) => step === verdict.step)
    const more = happened.length === 0 ? {} : { happened }
    return { ...kept, ...more, outcome, message: messageOf(verdict), durationMs, file: verdict.file, line, verdict }
  })
}

/**
 * A step that breaks stops a lab though no claim was wrong, so each broken step is a case, unless a case of its own
 * says as much. Where the scope broke and no case is an error, or nothing is claimed at all, there is one more: that
 * the
 * lab runs to its end.
 */
export function withBreakage(
  record: ScopeRecord,
  cases: readonly JudgedCase[],
  retries: readonly ScopeRecord[] = [],
): JudgedCase[] {
  // What a pause may have broken is judged by the other try, with its steps.
  const last = record.finished?.isInDoubt ? (retries.at(-1) ?? record) : record
  const known = [...retries.reduce((joined, retry) => joinTries(joined, casesOf(retry)), cases), ...brokenStepsOf(last)]
  // Without words of its own it was an error for its cases alone, which other tries have judged.
  const isOfCases = retries.length > 0 && last.finished?.message === undefined && last.finished !== undefined
  const outcome = isOfCases ? worstOutcome(known.map((one) => one.outcome)) : outcomeOfWhole(record)
  if (known.length > 0 && (!isTrouble(outcome) || known.some((one) => one.outcome === outcome))) return known
  const message = isTrouble(outcome) ? whyUnfinished(record) : (record.finished?.message ?? '')
  const file = record.started?.file ?? ''
  return [...known, { name: 'the lab runs to its end', outcome, message, durationMs: 0, file, captures: [] }]
}

/**
 * Cases with what the next try made of them, as the runner joins outcomes too. A case that was never judged stays what
 * it is: its lab broke. What the other try gave is kept beside a case.
 */
export const joinTries = (cases: readonly JudgedCase[], next: readonly JudgedCase[]): JudgedCase[] =>
  cases.map((one) => {
    const again = next.find(({ name }) => name === one.name)
    if (again === undefined || one.outcome === 'failed') return one
    if (again.outcome !== 'failed' && (one.outcome !== 'error' || (again.verdict && !one.verdict))) return one
    const { otherTries = [], ...before } = one
    return joinedOutcome(one.outcome, again.outcome) === one.outcome
      ? { ...one, otherTries: [...otherTries, again] }
      : { ...again, otherTries: [...otherTries, before] }
  })

/** What other tries gave, in words; empty where there was one alone. */
export const renderOtherTries = ({ otherTries = [] }: JudgedCase): string =>
  otherTries.length === 0
    ? ''
    : `tried ${otherTries.length + 1} times; another try gave: ${otherTries.map(({ outcome, message }) => `${outcome}${message === '' ? '' : `, ${message}`}`).join('; another: ')}`

/** What became of a scope besides its verdicts: one that failed and says more, broke after that. */
const outcomeOfWhole = ({ finished }: ScopeRecord): Outcome =>
  finished === undefined || (finished.outcome === 'failed' && finished.message !== undefined)
    ? 'error'
    : finished.outcome

const brokenStepsOf = (record: ScopeRecord): JudgedCase[] =>
  record.brokenSteps
    .filter(({ step, outcome }) => {
      const ofStep = [...record.verdicts.values()].filter((verdict) => verdict.step === step)
      return !ofStep.some((verdict) => verdict.outcome === outcome)
    })
    .map(({ step, outcome, message, durationMs, file, line }) => ({
      name: `step: ${record.stepNames.get(step) ?? step}`,
      outcome,
      message: message ?? whyUnfinished(record),
      durationMs,
      file: file ?? record.started?.file ?? '',
      ...(line === undefined ? {} : { line }),
      captures: [],
    }))

/** A mutation is one case: that it is caught. */
export function judgeMutation(record: ScopeRecord, { mutation, file, at }: ScopeStarted): JudgedCase {
  const outcome = outcomeOfMutation(record)
  const otherwise =
    outcome === 'failed' ? `no expectation failed that should have: ${mutation?.caughtBy.join(', ')}` : ''
  return {
    name: `mutation ${mutation?.name} is caught`,
    outcome,
    message: outcome === 'passed' ? '' : (record.finished?.message ?? (otherwise || whyUnfinished(record))),
    durationMs: record.finished?.durationMs ?? Math.max(0, record.lastAtMs - at),
    file,
    ...(mutation === undefined ? {} : { line: mutation.line }),
    captures: record.captures,
  }
}

/** Whether a case has to fail for a mutation to be caught. */
export const hasToFail = (started: ScopeStarted | undefined, caseName: string): boolean =>
  started?.mutation?.caughtBy.includes(caseName) === true

function outcomeOfMutation({ finished }: ScopeRecord): Outcome {
  if (finished === undefined) return 'error'
  if (finished.caught === undefined || finished.outcome === 'error') return finished.outcome
  return finished.caught ? 'passed' : 'failed'
}

function messageOf({ outcome, wanted, found }: CaseFinished) {
  if (outcome === 'passed') return ''
  return outcome === 'failed' ? `wanted: ${wanted}; found: ${found}` : found
}

/** Why a scope did not come to its end, in the runner's words where it said so. */
export function whyUnfinished({ started, finished, died }: ScopeRecord): string {
  if (finished?.message !== undefined) return finished.message
  if (died !== undefined) return renderDeath(died)
  if (finished !== undefined) return 'the lab ended before it'
  return started === undefined ? 'the lab was never begun' : 'the run was ended before it'
}

/** A capture belongs to the cases of its step; when its step has none, to the next case, or else to the last. */
function capturesByCase({ captures, verdicts }: ScopeRecord) {
  const judged = [...verdicts.values()]
  const byCase = new Map<string, KeptResult[]>()
  for (const capture of captures) {
    const ofStep = judged.filter(({ step }) => step === capture.step)
    const next = judged.find(({ step }) => step > capture.step) ?? judged.at(-1)
    const owners = ofStep.length > 0 || next === undefined ? ofStep : [next]
    for (const owner of owners) byCase.set(owner.case, [...(byCase.get(owner.case) ?? []), capture])
  }
  return byCase
}
