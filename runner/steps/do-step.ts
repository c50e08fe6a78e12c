import { join } from 'node:path'
import { judgeOutage } from '../../assertions/outage/outage.ts'
import type { Outage, Script, Step } from '../lab/lab.ts'
import { copyFile, runScript } from './actions/run.ts'
import { makeHappen } from './events/make-happen.ts'
import { judgeRefusal, lastLine, reportCase } from './judge-case.ts'
import { runOutage } from './outage/run-outage.ts'
import type { StepContext } from './step-context.ts'

/** Does what a step says. Returns words when something went wrong that should not. */
export async function doStep(step: Step, context: StepContext): Promise<string | undefined> {
  const { nodes, background, signal } = context
  const { node, start, run, stop } = step
  if (node !== undefined) {
    for (const copy of step.copies) await copyFile(nodes, node, copy, signal)
    const started = start && (await background.start(step.index, node, start))
    if (started !== undefined) return started
    const ran = run && (await runCommands(step, node, run, context))
    if (ran !== undefined) return ran
  }
  for (const event of step.events) await makeHappen(event, step.index, context)
  if (step.outage !== undefined) {
    const outage = await measureAndJudge(step, step.outage, context)
    if (outage !== undefined) return outage
  }
  return stop === undefined ? undefined : background.stop(step.index, stop)
}

/** Measures an outage and judges each thing that is claimed of it as a case of its own. */
async function measureAndJudge(step: Step, outage: Outage, context: StepContext): Promise<string | undefined> {
  const startedMs = performance.now()
  for (const { caseName } of outage.expectations)
    context.emit({ type: 'case-started', step: step.index, case: caseName })
  const ran = await runOutage(outage, step.index, context)
  if ('trouble' in ran) return ran.trouble
  const { measured } = ran
  const { from, to, at: receivers } = outage
  context.emit({ type: 'outage-measured', step: step.index, from, to, receivers, measured })
  const durationMs = performance.now() - startedMs
  for (const { caseName: name, claim, words: wanted, question, source } of outage.expectations) {
    const { verdict, found } = judgeOutage(claim, measured)
    const outcome = verdict === 'inconclusive' ? 'error' : verdict
    const base = { name, claim: wanted, assertion: 'outage', wanted, question, source }
    reportCase(step, { ...base, outcome, found, durationMs }, context)
  }
  return undefined
}

async function runCommands(step: Step, node: string, run: Script, context: StepContext): Promise<string | undefined> {
  const { nodes, emit, folder, folderInResults, signal } = context
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
  if (run.refused !== undefined) judgeRefusal(step, ran, context)
  else if (result.exitCode !== 0)
    return `the commands ended with exit code ${result.exitCode}${lastLine(result.stderr)}`
  return undefined
}
