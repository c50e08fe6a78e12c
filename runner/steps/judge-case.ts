import { messageOf } from '../errors.ts'
import type { CaseFinished } from '../events.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Expectation, Source, Step } from '../lab/lab.ts'
import type { Outcome } from '../result.ts'
import type { RanScript } from './actions/run.ts'
import { judgeExpectation } from './expectations.ts'
import type { StepContext } from './step-context.ts'

/** What a verdict says, without what every case of a step has. */
export interface CaseReport {
  readonly name: string
  readonly claim: string
  readonly assertion: string
  readonly wanted: string
  readonly question: string
  readonly source: Source
  readonly outcome: Outcome
  readonly found: string
  readonly cells?: CaseFinished['cells'] | undefined
  readonly transcript?: string
  readonly attempts?: number
  readonly durationMs?: number
}

/** Notes the verdict on a case and emits it. */
export function reportCase(step: Step, report: CaseReport, { verdicts, emit }: StepContext): void {
  const { name, claim, assertion, wanted, question, source, outcome, found, cells } = report
  verdicts.set(name, outcome)
  emit({
    type: 'case-finished',
    step: step.index,
    stepName: step.name,
    case: name,
    claim,
    assertion,
    outcome,
    wanted,
    question,
    found,
    ...(cells ? { cells } : {}),
    transcript: report.transcript ?? '',
    attempts: report.attempts ?? 1,
    durationMs: report.durationMs ?? 0,
    file: source.file,
    line: source.line,
  })
}

/** Judges one expectation of a step. @throws the signal's reason when aborted */
export async function judgeCase(step: Step, expectation: Expectation, context: StepContext): Promise<void> {
  const startedMs = performance.now()
  const { caseName: name, assertion, claim: wanted, name: claim = wanted, question, source } = expectation
  const base = { name, claim, assertion, wanted, question, source }
  context.emit({ type: 'case-started', step: step.index, case: name })
  try {
    const { judgement, transcript, attempts } = await judgeExpectation(expectation, context)
    const { cells, verdict, found } = judgement
    const outcome = verdict === 'inconclusive' ? 'error' : verdict
    const durationMs = performance.now() - startedMs
    reportCase(step, { ...base, outcome, found, cells, transcript, attempts, durationMs }, context)
  } catch (error) {
    if (context.signal.aborted) throw error
    const durationMs = performance.now() - startedMs
    reportCase(step, { ...base, outcome: 'error', found: messageOf(error), durationMs }, context)
  }
}

const refusalQuestion = 'Will the command be accepted? If not, what will it print?'

/** Judges a script that must be refused, which is a case of its own. */
export function judgeRefusal(step: Step, { result, transcript }: RanScript, context: StepContext): void {
  const { refused, refusedCaseName: name } = step.run ?? {}
  if (refused === undefined || name === undefined) return
  const { exitCode, stdout, stderr, durationMs } = result
  const last = lastLine(stderr)
  const judge = (): readonly [Outcome, string] => {
    if (exitCode === 0) return ['failed', 'the commands succeeded']
    if (`${stdout}\n${stderr}`.includes(refused)) return ['passed', `exit code ${exitCode}${last}`]
    return exitCode === 127 ? ['error', `a command is missing${last}`] : ['failed', `exit code ${exitCode}${last}`]
  }
  const [outcome, found] = judge()
  const wanted = `refused with "${refused}"`
  context.emit({ type: 'case-started', step: step.index, case: name })
  const { source } = step
  const base = { name, claim: 'is refused', assertion: 'refused', wanted, question: refusalQuestion, source }
  reportCase(step, { ...base, outcome, found, transcript, durationMs }, context)
}

/** Skips those cases of a step that have no verdict yet. */
export function skipCases(step: Step, reason: string, context: StepContext): void {
  for (const name of caseNames(step)) {
    if (context.verdicts.has(name)) continue
    const expectation = step.expectations.find(({ caseName }) => caseName === name)
    const ofOutage = step.outage?.expectations.find(({ caseName }) => caseName === name)
    reportCase(
      step,
      {
        name,
        claim: ofOutage?.words ?? expectation?.name ?? expectation?.claim ?? 'is refused',
        question: (ofOutage ?? expectation)?.question ?? refusalQuestion,
        assertion: ofOutage ? 'outage' : (expectation?.assertion ?? 'refused'),
        wanted: ofOutage?.words ?? expectation?.claim ?? 'refused',
        source: (ofOutage ?? expectation ?? step).source,
        outcome: 'skipped',
        found: `not tried: ${reason}`,
        attempts: 0,
      },
      context,
    )
  }
}

/** The last line of a command's words as the end of a sentence; empty when there is none. */
export function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.slice(0, 300)
  return line ? `: ${line}` : ''
}
