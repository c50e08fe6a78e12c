import { join } from 'node:path'
import type { World } from '../assertions/assertion.ts'
import { type Capture, startCapture } from './captures.ts'
import { messageOf } from './errors.ts'
import type { NewEvent } from './events.ts'
import { judgeExpectation } from './expectations.ts'
import type { Expectation, Step, Variant } from './lab/lab.ts'
import { type Nodes, nodesOf } from './nodes.ts'
import type { Testbed } from './providers/provider.ts'
import { type Outcome, worstOutcome } from './result.ts'
import { copyFile, type RanScript, runScript } from './scripts.ts'

/** An event of one scope, without the scope's name, which the sink adds. */
export type ScopeEvent = NewEvent extends infer E ? (E extends { scope: string } ? Omit<E, 'scope'> : never) : never

export interface StepsOptions {
  readonly variant: Variant
  readonly testbed: Testbed
  /** Folder for captures and long outputs. */
  readonly folder: string
  /** The same folder as events name it. */
  readonly folderInResults: string
  readonly signal: AbortSignal
  emit(event: ScopeEvent): void
  /**
   * From this step on (its index) a script that fails does not end the lab: whoever makes a mistake types on.
   * Without it, every later case is skipped.
   */
  readonly goOnFrom?: number
  /** Steps after the last of these cases are left out. Without it, all steps are run. */
  readonly untilCases?: readonly string[]
  /** Stop after the step with this name or id. */
  readonly untilStep?: string
  /** Leave the expectations out. */
  readonly onlyDo?: boolean
}

interface Progress extends StepsOptions {
  readonly nodes: Nodes
  readonly world: World
}

/** Verdicts by case name. A case that is missing was never reached. */
export type Verdicts = ReadonlyMap<string, Outcome>

/** Does a variant's steps in order and judges their expectations. Emits all that happens; gives the verdicts. */
export async function runSteps(options: StepsOptions): Promise<Verdicts> {
  const { variant, testbed, signal, untilCases, untilStep } = options
  const addresses = Object.fromEntries(variant.nodes.flatMap(({ name, address }) => (address ? [[name, address]] : [])))
  const progress: Progress = { ...options, nodes: nodesOf(variant, testbed), world: { addresses } }
  const verdicts = new Map<string, Outcome>()
  let broken: string | undefined
  for (const step of variant.steps) {
    signal.throwIfAborted()
    if (broken !== undefined) skipStep(step, broken, progress, verdicts)
    else broken = await runStep(step, progress, verdicts)
    if (untilStep !== undefined && (step.name === untilStep || step.id === untilStep)) break
    if (untilCases?.every((name) => verdicts.has(name))) break
  }
  return verdicts
}

/** Runs one step. Gives a reason when the steps after it make no sense. */
async function runStep(step: Step, progress: Progress, verdicts: Map<string, Outcome>): Promise<string | undefined> {
  const { emit, signal } = progress
  const startedMs = performance.now()
  const captures = new Map<string, Capture>()
  const finish = (outcome: Outcome, message?: string) =>
    emit({
      type: 'step-finished',
      step: step.index,
      outcome,
      ...(message === undefined ? {} : { message }),
      durationMs: performance.now() - startedMs,
    })
  emit({
    type: 'step-started',
    step: step.index,
    name: step.name,
    ...(step.why === undefined ? {} : { why: step.why }),
    ...(step.node === undefined ? {} : { node: step.node }),
    ...(step.run === undefined ? {} : { script: step.run.text }),
    ...(step.copies.length === 0 ? {} : { copies: step.copies.map(({ to }) => to) }),
  })
  try {
    await startCaptures(step, progress, captures)
    const trouble = await doStep(step, progress, verdicts)
    const goOn = progress.goOnFrom !== undefined && step.index >= progress.goOnFrom
    if (trouble !== undefined && !goOn) {
      finish('error', trouble)
      for (const name of caseNames(step)) skipCase(step, name, trouble, progress, verdicts)
      return `step "${step.name}" went wrong`
    }
    if (!progress.onlyDo)
      for (const expectation of step.expectations) await judgeCase(step, expectation, progress, captures, verdicts)
    await endCaptures(step, progress, captures)
    finish(
      worstOutcome([
        trouble === undefined ? 'passed' : 'error',
        ...caseNames(step).map((name) => verdicts.get(name) ?? 'skipped'),
      ]),
      trouble,
    )
    return undefined
  } catch (error) {
    if (signal.aborted) throw error
    finish('error', messageOf(error))
    for (const name of caseNames(step)) skipCase(step, name, messageOf(error), progress, verdicts)
    return `step "${step.name}" broke: ${messageOf(error)}`
  }
}

/** Does what a step says. Gives words when its script failed though it should not. */
async function doStep(step: Step, progress: Progress, verdicts: Map<string, Outcome>): Promise<string | undefined> {
  const { nodes, emit, folder, folderInResults, signal } = progress
  const { node, run } = step
  if (node === undefined) return undefined
  for (const copy of step.copies) await copyFile(nodes, node, copy, signal)
  if (run === undefined) return undefined
  const log = `step-${String(step.index + 1).padStart(2, '0')}.log`
  const ran = await runScript(nodes, node, run, join(folder, log), signal)
  const { result } = ran
  emit({
    type: 'command-finished',
    step: step.index,
    node,
    command: run.text,
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    cut: result.cut,
    ...(result.cut ? { log: join(folderInResults, log) } : {}),
    durationMs: result.durationMs,
  })
  if (result.timedOut) return `the commands had not ended after ${run.timeoutMs / 1000} s`
  if (run.refused !== undefined) return judgeRefusal(step, run.refused, ran, progress, verdicts)
  if (result.exitCode !== 0) return `the commands ended with exit code ${result.exitCode}${lastLine(result.stderr)}`
  return undefined
}

const lastLine = (text: string) => {
  const line = text.trimEnd().split('\n').at(-1)?.slice(0, 300)
  return line ? `: ${line}` : ''
}

/** A script that must be refused is a case of its own. */
function judgeRefusal(step: Step, text: string, ran: RanScript, progress: Progress, verdicts: Map<string, Outcome>) {
  const { result } = ran
  const name = step.run?.refusedCaseName
  if (name === undefined) return undefined
  const said = `${result.stdout}\n${result.stderr}`
  const judged =
    result.exitCode === 0
      ? (['failed', 'the commands succeeded'] as const)
      : said.includes(text)
        ? (['passed', `exit code ${result.exitCode}${lastLine(result.stderr)}`] as const)
        : result.exitCode === 127
          ? (['error', `a command is missing${lastLine(result.stderr)}`] as const)
          : (['failed', `exit code ${result.exitCode}${lastLine(result.stderr)}`] as const)
  const [outcome, found] = judged
  progress.emit({ type: 'case-started', step: step.index, case: name })
  verdicts.set(name, outcome)
  progress.emit({
    type: 'case-finished',
    step: step.index,
    case: name,
    assertion: 'refused',
    outcome,
    wanted: `refused with "${text}"`,
    found,
    transcript: ran.transcript,
    attempts: 1,
    durationMs: result.durationMs,
    file: step.source.file,
    line: step.source.line,
  })
  return undefined
}

async function judgeCase(
  step: Step,
  expectation: Expectation,
  { nodes, world, emit, signal }: Progress,
  captures: ReadonlyMap<string, Capture>,
  verdicts: Map<string, Outcome>,
): Promise<void> {
  const startedMs = performance.now()
  const { caseName, assertion, claim, source } = expectation
  emit({ type: 'case-started', step: step.index, case: caseName })
  const finish = (outcome: Outcome, found: string, rest: { transcript: string; attempts: number; cells?: Cells }) => {
    verdicts.set(caseName, outcome)
    emit({
      type: 'case-finished',
      step: step.index,
      case: caseName,
      assertion,
      outcome,
      wanted: claim,
      found,
      ...(rest.cells ? { cells: rest.cells } : {}),
      transcript: rest.transcript,
      attempts: rest.attempts,
      durationMs: performance.now() - startedMs,
      file: source.file,
      line: source.line,
    })
  }
  try {
    const { judgement, transcript, attempts } = await judgeExpectation(expectation, { nodes, world, captures, signal })
    const { cells, verdict, found } = judgement
    finish(verdict === 'inconclusive' ? 'error' : verdict, found, { transcript, attempts, ...(cells ? { cells } : {}) })
  } catch (error) {
    if (signal.aborted) throw error
    finish('error', messageOf(error), { transcript: '', attempts: 1 })
  }
}

type Cells = NonNullable<Extract<NewEvent, { type: 'case-finished' }>['cells']>

async function startCaptures(step: Step, progress: Progress, captures: Map<string, Capture>): Promise<void> {
  for (const declaration of step.captures) {
    const file = join(progress.folder, captureFile(step, declaration.name))
    captures.set(declaration.name, await startCapture(declaration, file, progress.testbed, progress.nodes))
  }
}

async function endCaptures(step: Step, { emit, folderInResults }: Progress, captures: ReadonlyMap<string, Capture>) {
  for (const [name, capture] of captures) {
    await capture.end()
    const all = await capture.frames('')
    emit({
      type: 'capture-saved',
      step: step.index,
      capture: name,
      endpoint: `${capture.declaration.node}:${capture.declaration.nic}`,
      where: capture.declaration.where,
      frames: all.stdout === '' ? 0 : all.stdout.trimEnd().split('\n').length,
      path: join(folderInResults, captureFile(step, name)),
    })
  }
}

const captureFile = (step: Step, name: string) => `step-${String(step.index + 1).padStart(2, '0')}-${name}.pcap`

/** Names of all cases of a step, in the order in which they are judged. */
export const caseNames = (step: Step): string[] => [
  ...(step.run?.refusedCaseName === undefined ? [] : [step.run.refusedCaseName]),
  ...step.expectations.map(({ caseName }) => caseName),
]

function skipStep(step: Step, reason: string, progress: Progress, verdicts: Map<string, Outcome>): void {
  for (const name of caseNames(step)) skipCase(step, name, reason, progress, verdicts)
}

function skipCase(step: Step, name: string, reason: string, { emit }: Progress, verdicts: Map<string, Outcome>): void {
  if (verdicts.has(name)) return
  const expectation = step.expectations.find(({ caseName }) => caseName === name)
  const { file, line } = expectation?.source ?? step.source
  verdicts.set(name, 'skipped')
  emit({
    type: 'case-finished',
    step: step.index,
    case: name,
    assertion: expectation?.assertion ?? 'refused',
    outcome: 'skipped',
    wanted: expectation?.claim ?? 'refused',
    found: `not tried: ${reason}`,
    transcript: '',
    attempts: 0,
    durationMs: 0,
    file,
    line,
  })
}
