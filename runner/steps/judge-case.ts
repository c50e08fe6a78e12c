import type { Conclusion } from '../../assertions/assertion.ts'
import { hasCode, messageOf } from '../errors.ts'
import type { CaseFinished } from '../events.ts'
import { declaredCases } from '../lab/case-names.ts'
import type { DeclaredCase, Expectation, Step } from '../lab/lab.ts'
import type { Outcome } from '../result.ts'
import { judgeExpectation } from './expectations.ts'
import type { StepContext } from './step-context.ts'
import { withKept } from './with-kept.ts'

/** What came of a case. */
export interface CaseReport {
  readonly outcome: Outcome
  readonly found: string
  readonly cells?: CaseFinished['cells'] | undefined
  readonly asked?: readonly string[]
  readonly transcript?: string
  readonly attempts?: number
  readonly durationMs?: number
}

/** Says that a case is about to be judged. */
export const beginCase = (step: Step, { caseName }: DeclaredCase, { emit }: StepContext): void =>
  emit({ type: 'case-started', step: step.index, case: caseName })

/** Notes the verdict on a case and emits it. */
export function reportCase(
  step: Pick<Step, 'index' | 'name'>,
  declared: DeclaredCase,
  report: CaseReport,
  context: StepContext,
): void {
  const { caseName, claim, assertion, wanted, question, answer, source } = declared
  const { outcome, found, cells, asked = [], transcript = '', attempts = 1, durationMs = 0 } = report
  context.verdicts.set(caseName, outcome)
  context.emit({
    type: 'case-finished',
    step: step.index,
    stepName: step.name,
    case: caseName,
    claim,
    assertion,
    outcome,
    wanted,
    question,
    ...(answer === undefined ? {} : { answer }),
    found,
    ...(cells ? { cells } : {}),
    ...(asked.length === 0 ? {} : { asked }),
    transcript,
    attempts,
    durationMs,
    file: source.file,
    line: source.line,
  })
}

/** Judges one expectation of a step. @throws the signal's reason when aborted */
export async function judgeCase(step: Step, expectation: Expectation, context: StepContext): Promise<void> {
  const startedMs = performance.now()
  beginCase(step, expectation, context)
  try {
    const filled = withKept(expectation, context.kept)
    const { judgement, asked, transcript, isNodeMissing, attempts } = await judgeExpectation(filled, context)
    const { outcome, found, cells } = outcomeOf(judgement, context)
    if (outcome === 'error' && isNodeMissing) context.unasked.add(expectation.caseName)
    const durationMs = performance.now() - startedMs
    reportCase(step, expectation, { outcome, found, cells, asked, transcript, attempts, durationMs }, context)
  } catch (error) {
    if (context.signal.aborted) throw error
    if (hasCode(error, 'wrong-state')) context.unasked.add(expectation.caseName)
    const durationMs = performance.now() - startedMs
    reportCase(step, expectation, { outcome: 'error', found: messageOf(error), durationMs }, context)
  }
}

/**
 * What a judgement makes of a case. One that would fail proves nothing after a pause that the lab's protocols do not
 * bear; `sceneMs` is when the scene for it was set, where that matters.
 */
export function outcomeOf(
  { verdict, found, cells }: Conclusion,
  { realTime }: Pick<StepContext, 'realTime'>,
  sceneMs?: number,
): CaseReport {
  const unsure = verdict === 'failed' ? realTime.whyUnsure(sceneMs) : undefined
  if (unsure !== undefined) return { outcome: 'error', found: `cannot tell: ${unsure}; found: ${found}`, cells }
  return { outcome: verdict === 'inconclusive' ? 'error' : verdict, found, cells }
}

/** Skips those cases of a step that have no verdict yet. */
export function skipCases(step: Step, reason: string, context: StepContext, outcome: Outcome = 'skipped'): void {
  for (const declared of declaredCases(step)) {
    if (context.verdicts.has(declared.caseName)) continue
    reportCase(step, declared, { outcome, found: `not tried: ${reason}`, attempts: 0 }, context)
  }
}
