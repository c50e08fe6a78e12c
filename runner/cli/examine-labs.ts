import { availableParallelism } from 'node:os'
import { plural } from '../../reports/text/plain-text.ts'
import { freeMemoryMiB } from '../host/free-memory.ts'
import { longestWaitMs } from '../host/longest-wait.ts'
import { type Plan, planRun } from '../plan.ts'
import type { Provider } from '../providers/provider.ts'
import type { Selection } from '../scopes.ts'
import { variantMeasuresTime } from '../steps/measurements.ts'
import { bad, type Finding, good, note } from './finding.ts'

const watchedMs = 1000
/** What protocols with short timers bear where a lab says nothing of it. */
const bearableMs = 200

/** What labs need of this host, and whether what they claim of time can be judged on it now. */
export async function* examineLabs(
  selections: readonly Selection[],
  provider: Pick<Provider, 'memoryMiB'>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  for (const { lab, variant: only } of selections) {
    const variants = lab.variants.filter(({ name }) => only === undefined || name === only)
    yield roomFor(
      lab.name,
      variants.map((variant) => planRun(lab.name, variant)),
      provider,
    )
    const timed = variants.filter(variantMeasuresTime)
    if (timed.length > 0) yield timeFor(lab.name, timed, await longestWaitMs(watchedMs, signal))
  }
}

function roomFor(lab: string, plans: readonly Plan[], { memoryMiB }: Pick<Provider, 'memoryMiB'>): Finding {
  const machines = Math.max(...plans.map((plan) => plan.machines.length))
  const neededMiB = Math.max(...plans.map((plan) => memoryMiB?.(plan) ?? 0))
  const freeMiB = freeMemoryMiB()
  const text = `${lab}: ${plural(machines, 'machine')}, up to ${neededMiB} MiB of memory; ${freeMiB} MiB are free`
  return neededMiB <= freeMiB ? good(text) : bad(text, 'End other programs, or use a host that has more memory.')
}

function timeFor(lab: string, variants: Selection['lab']['variants'], waitedMs: number): Finding {
  const limitMs = Math.min(bearableMs, ...variants.map(({ realTimeMs }) => realTimeMs ?? bearableMs))
  const processors = plural(availableParallelism(), 'processor')
  const found = `${lab} measures time: a process waited ${Math.round(waitedMs)} ms at most for one of ${processors}`
  return waitedMs < limitMs / 2
    ? good(`${found}, and it bears pauses of ${limitMs} ms`)
    : note(
        `${found}: where it bears pauses of ${limitMs} ms, what fails can be inconclusive. End what else works here.`,
      )
}
