import type { Answer } from '../../../assertions/assertion.ts'
import { messageOf } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { CrashCase, ExpectedCrash, Variant } from '../../lab/lab.ts'
import { lookForCrashesScript } from '../../providers/guest/guest-scripts.ts'
import type { Machine } from '../../providers/provider.ts'
import { worstOutcome } from '../../result.ts'
import type { DiedProcess } from '../background/background.ts'
import { type CaseReport, outcomeOf, reportCase } from '../judge-case.ts'
import type { StepContext } from '../step-context.ts'
import { bounded } from '../transcript.ts'
import { type Crash, findCrashes, linesOfCrash } from './find-crashes.ts'

type Said = Pick<Answer, 'stdout' | 'exitCode' | 'timedOut'>

/** How long a machine may take to say what crashed; on a quiet host it takes a fifth of a second. */
const askMs = 60_000

/**
 * Judges of each machine that nothing crashed on it but what the lab expects to: its programs, daemons and background
 * processes, and its kernel. What happened before a machine was made to crash went with it.
 */
export async function judgeCrashes(variant: Variant, context: StepContext): Promise<void> {
  const { emit, signal, verdicts } = context
  if (variant.crashCases.length === 0) return
  const startedMs = performance.now()
  const index = Math.max(-1, ...variant.steps.map((step) => step.index)) + 1
  const step = { index, name: 'What crashed' }
  emit({ type: 'step-started', step: index, name: step.name })
  const reports = await Promise.all(variant.crashCases.map((declared) => judgeMachine(declared, context)))
  signal.throwIfAborted()
  for (const [at, declared] of variant.crashCases.entries()) {
    emit({ type: 'case-started', step: index, case: declared.caseName })
    reportCase(step, declared, reports[at] as CaseReport, context)
  }
  const outcome = worstOutcome(variant.crashCases.map(({ caseName }) => verdicts.get(caseName) ?? 'error'))
  emit({ type: 'step-finished', step: index, outcome, durationMs: performance.now() - startedMs })
}

async function judgeMachine(declared: CrashCase, context: StepContext): Promise<CaseReport> {
  const { machine, expected } = declared
  const { testbed, background, signal } = context
  const startedMs = performance.now()
  const absence = testbed.absence(machine)
  if (typeof absence === 'string') return { outcome: 'skipped', found: `not tried: it is ${absence}`, attempts: 0 }
  if (absence !== undefined) {
    const { panicked, reason, consoleTail } = absence
    if (!panicked) return { outcome: 'error', found: `it died: ${reason}`, transcript: consoleTail }
    const panic = {
      words: `Kernel panic - not syncing: ${reason}`,
      lines: consoleTail.split('\n').slice(0, linesOfCrash),
    }
    return judgeFound([panic], [], expected, 0, context)
  }
  try {
    // What printed that it is about to end may still have to.
    await background.untilEnded(machine, (id) => expected.some((each) => isOfProcess(each, id)))
    const answer = await askWhatCrashed(testbed.machine(machine), signal)
    return judgeAnswer(answer, background.died(machine), expected, performance.now() - startedMs, context)
  } catch (error) {
    return { outcome: 'error', found: `it could not be asked: ${messageOf(error)}` }
  }
}

/** Asks the agent, which starts no program for it, and only where that says nothing a script that looks farther. */
async function askWhatCrashed(machine: Machine, signal: AbortSignal): Promise<Said> {
  const stdout = await within(machine.call('look_for_crashes', [], askMs), askMs, 'cannot ask what crashed', signal)
  if (stdout !== '') return { stdout, exitCode: 0, timedOut: false }
  return machine.run(['bash', '-c', lookForCrashesScript], { timeoutMs: askMs, signal })
}

/** Judges what a machine printed, and what is known of its background processes. */
function judgeAnswer(
  { stdout, exitCode, timedOut }: Said,
  died: readonly DiedProcess[],
  expected: readonly ExpectedCrash[],
  durationMs: number,
  context: Pick<StepContext, 'realTime'>,
): CaseReport {
  const found = timedOut ? 'it did not answer in time' : findCrashes(stdout)
  if (typeof found === 'string') {
    const transcript = bounded(stdout, transcriptLimit)
    return { outcome: 'error', found: `it could not be asked: ${found} (exit code ${exitCode})`, transcript }
  }
  return judgeFound([...found.crashes, ...died.map(crashOf)], found.stalls, expected, durationMs, context)
}

const isOfProcess = (expected: ExpectedCrash, id: string) =>
  expected.what !== undefined && fits(expected, { words: `process ${id}` })

const crashOf = ({ id, exitCode, output }: DiedProcess): Crash => {
  const words = `process ${id} ended by itself with exit code ${exitCode}`
  return {
    words,
    lines: [words, ...output.trimEnd().split('\n').slice(-5)].filter((line) => line !== ''),
    end: 'by itself',
  }
}

const transcriptLimit = 16 * 1024

function judgeFound(
  crashes: readonly Crash[],
  stalls: readonly string[],
  expected: readonly ExpectedCrash[],
  durationMs: number,
  context: Pick<StepContext, 'realTime'>,
): CaseReport {
  const unexpected = crashes.filter((crash) => !expected.some((each) => fits(each, crash)))
  const missing = expected.filter((each) => !crashes.some((crash) => fits(each, crash)))
  const shown = unexpected.length > 0 ? unexpected : crashes
  const transcript = bounded([...shown.flatMap(({ lines }) => lines), ...stalls].join('\n'), transcriptLimit)
  const report = { transcript, durationMs }
  const failing = (words: string) =>
    // Something may have ended after any pause until now, and all be right again since.
    outcomeOf({ verdict: 'failed', found: words }, context, Number.NEGATIVE_INFINITY)
  if (unexpected.some(({ end }) => end === undefined))
    return { ...report, outcome: 'failed', found: listed(unexpected) }
  if (unexpected.some(({ end }) => end === 'by itself')) return { ...report, ...failing(listed(unexpected)) }
  if (missing.length > 0)
    return { ...report, ...failing(missing.map(({ what = 'anything' }) => `no crash of ${what}`).join(', ')) }
  if (unexpected.length > 0)
    return { ...report, outcome: 'error', found: `late, perhaps for want of a processor: ${listed(unexpected)}` }
  if (stalls.length > 0)
    return {
      ...report,
      outcome: 'error',
      found: `its kernel stood still, perhaps for want of a processor: ${stalls[0]}`,
    }
  return { ...report, outcome: 'passed', found: crashes.length === 0 ? 'nothing crashed' : listed(crashes) }
}

const mostListed = 3

const listed = (crashes: readonly Crash[]) =>
  [
    ...crashes.slice(0, mostListed).map(({ words }) => words),
    ...(crashes.length > mostListed ? [`and ${crashes.length - mostListed} more`] : []),
  ].join('; ')

/** Whether a crash is one that is expected: its words hold the program, unit or process as a word. */
function fits({ what }: ExpectedCrash, { words }: Pick<Crash, 'words'>): boolean {
  if (what === undefined) return true
  const at = words.indexOf(what)
  if (at < 0) return false
  const around = `${words[at - 1] ?? ' '}${words[at + what.length] ?? ' '}`
  return !/[\w-]/.test(around)
}
