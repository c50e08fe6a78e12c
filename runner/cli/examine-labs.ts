import { availableParallelism } from 'node:os'
import { plural } from '../../reports/text/plain-text.ts'
import { hasCode } from '../errors.ts'
import { freeMemoryMiB } from '../host/free-memory.ts'
import { longestWaitMs } from '../host/longest-wait.ts'
import { imagesFolders } from '../image/find-recipes.ts'
import { openImage } from '../image/image.ts'
import { defaultImage } from '../image/image-name.ts'
import { whatLacks } from '../image/lacks.ts'
import { type Plan, planRun } from '../plan.ts'
import type { Provider } from '../providers/provider.ts'
import type { Selection } from '../scopes.ts'
import { variantMeasuresTime } from '../steps/measurements.ts'
import { bad, broken, type Finding, good, note } from './finding.ts'

const watchedMs = 1000
/** What protocols with short timers bear where a lab says nothing of it. */
const bearableMs = 200

/** Finds an image by its name, among the recipes of folders, or throws as `openImage` does. */
type OpenImage = (
  name: string,
  folders: readonly string[],
) => Promise<{ readonly manifest: Parameters<typeof whatLacks>[0] }>

/** What labs need of this host, which images they lack, and whether what they claim of time can be judged on it now. */
export async function* examineLabs(
  selections: readonly Selection[],
  provider: Pick<Provider, 'memoryMiB'>,
  signal: AbortSignal,
  open: OpenImage = openImage,
): AsyncGenerator<Finding> {
  for (const { lab, variant: only } of selections) {
    const variants = lab.variants.filter(({ name }) => only === undefined || name === only)
    const plans = variants.map((variant) => planRun(lab.name, variant))
    yield roomFor(lab.name, plans, provider)
    yield* imagesFor(lab, plans, open)
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

/** What the images of a lab lack. Where the default one is not there, that is said of the host already. */
async function* imagesFor({ name, folder }: Selection['lab'], plans: readonly Plan[], open: OpenImage) {
  const machines = plans.flatMap((plan) => plan.machines)
  for (const image of new Set(machines.map((machine) => machine.image))) {
    const required = machines.filter((machine) => machine.image === image).flatMap(({ requires }) => requires)
    try {
      const { manifest } = await open(image, imagesFolders(folder))
      const lack = whatLacks(manifest, required)
      if (lack !== undefined) yield note(`${name}: image ${image} does not do for all of it, which is skipped: ${lack}`)
    } catch (error) {
      if (!hasCode(error, 'image-unusable')) yield broken(error)
      else if (image !== defaultImage)
        yield note(`${name}: image ${image} is not there; the first run builds it, or says what to do for that`)
    }
  }
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
