import type { CaughtBy, MutantFacts } from '../../runner/events.ts'
import { mutantOutcome, type Outcome } from '../../runner/result.ts'
import type { JudgedCase, ScopeRecord } from './judged-cases.ts'
import { whyUnfinished } from './judged-cases.ts'
import type { ScopeSummary } from './summary.ts'

/** What became of a mutant in all the variants in which it was tried. */
export interface MutantSummary extends MutantFacts {
  readonly name: string
  readonly state: 'caught' | 'survived' | 'unknown' | 'skipped'
  /** What noticed it. */
  readonly caughtBy?: CaughtBy
}

/**
 * A mutant's summary, and the one case that it is: that a claim notices it. `records` are of the variants in which it
 * was
 * tried, and of other tries in them; at least the first.
 */
export function judgeMutant(
  { name, mutant }: { readonly name: string; readonly mutant: MutantFacts },
  records: readonly [ScopeRecord, ...ScopeRecord[]],
): { readonly mutant: MutantSummary; readonly judged: JudgedCase } {
  const tries = [...lastTries(records).values()]
  const outcomes = tries.map(({ outcome }) => outcome)
  const outcome = mutantOutcome(outcomes, mutant.survives !== undefined)
  const state = states[mutantOutcome(outcomes, false)]
  const caughtBy = tries.find((one) => one.outcome === 'passed')?.record.finished?.caughtBy
  const summary = { ...mutant, name, state, ...(caughtBy === undefined ? {} : { caughtBy }) }
  const unknown = tries.find((one) => one.outcome === 'error' || one.outcome === 'skipped')?.record ?? records[0]
  return {
    mutant: summary,
    judged: {
      name: `mutant ${name} is caught`,
      outcome,
      message: outcome === 'passed' ? '' : messageFor(summary, unknown),
      durationMs: records.reduce((sum, { finished }) => sum + (finished?.durationMs ?? 0), 0),
      file: mutant.file,
      line: mutant.line,
      captures: records.flatMap(({ captures }) => captures),
    },
  }
}

/** What noticed a mutant, in words. */
export const renderCaughtBy = (by: CaughtBy | undefined): string => {
  if (by === undefined) return 'caught'
  return 'case' in by ? `caught by "${by.case}"` : `caught as step "${by.step}" went wrong: ${by.message}`
}

/** How many mutants of a kind were tried, and what became of them. */
export interface Score {
  readonly kind: MutantFacts['kind']
  readonly all: number
  readonly caught: number
  /** Survivors that the lab explains. */
  readonly explained: number
  readonly survived: number
  /** Of those nothing is known: something broke, or could not be judged or tried. */
  readonly unknown: number
}

const kinds = ['step', 'command', 'other'] as const

/** The score of each kind of mutants; empty for a run without any. */
export function scoreOf(scopes: readonly Pick<ScopeSummary, 'mutant'>[]): readonly Score[] {
  const mutants = scopes.flatMap(({ mutant }) => mutant ?? [])
  return mutants.length === 0
    ? []
    : kinds.map((kind) =>
        scoreOfKind(
          kind,
          mutants.filter((one) => one.kind === kind),
        ),
      )
}

function scoreOfKind(kind: Score['kind'], mutants: readonly MutantSummary[]): Score {
  const count = (holds: (one: MutantSummary) => boolean) => mutants.filter(holds).length
  return {
    kind,
    all: mutants.length,
    caught: count(({ state }) => state === 'caught'),
    explained: count(({ state, survives }) => state === 'survived' && survives !== undefined),
    survived: count(({ state, survives }) => state === 'survived' && survives === undefined),
    unknown: count(({ state }) => state === 'unknown' || state === 'skipped'),
  }
}

/** "7 of 7 steps, 11 of 12 commands and 5 of 5 others caught, 1 explained". */
export function renderScore(scores: readonly Score[]): string {
  const nouns = { step: 'steps', command: 'commands', other: 'others' }
  const parts = scores.map(({ kind, all, caught }) => `${nouns[kind]} ${caught} of ${all}`)
  const sum = (key: 'explained' | 'survived' | 'unknown') => scores.reduce((total, score) => total + score[key], 0)
  const rest = [
    ...(sum('survived') > 0 ? [`${sum('survived')} survived`] : []),
    ...(sum('explained') > 0 ? [`${sum('explained')} explained`] : []),
    ...(sum('unknown') > 0 ? [`${sum('unknown')} not known`] : []),
  ]
  return `mutants caught: ${[parts.join(', '), ...rest].join('; ')}`
}

const states: Readonly<Record<Outcome, MutantSummary['state']>> = {
  passed: 'caught',
  failed: 'survived',
  error: 'unknown',
  skipped: 'skipped',
}

interface Try {
  readonly record: ScopeRecord
  readonly outcome: Outcome
}

/** The last try in each variant that could tell. */
function lastTries(records: readonly ScopeRecord[]): ReadonlyMap<string, Try> {
  const tries = new Map<string, Try>()
  for (const record of records) {
    const variant = record.started?.variant ?? ''
    const outcome = record.finished?.outcome ?? 'error'
    const known = tries.get(variant)
    if (known === undefined || outcome === 'passed' || outcome === 'failed') tries.set(variant, { record, outcome })
  }
  return tries
}

function messageFor({ state, survives, change, caughtBy }: MutantSummary, unknown: ScopeRecord): string {
  if (state === 'survived') return survives ?? `every claim still passes: ${change}`
  if (state === 'caught') return `needless in survives: ${renderCaughtBy(caughtBy)}`
  return whyUnfinished(unknown)
}
