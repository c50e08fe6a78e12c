import { z } from 'zod'

/** How long labs take, for the page that lists them. */
export interface LabTimes {
  /** What they were measured on: "emulated, without KVM; 2 processors, 24 GiB". */
  readonly measuredOn: string
  /** In words, by the lab's name: "15 s". */
  readonly times: ReadonlyMap<string, string>
}

const manifestSchema = z.object({ surroundings: z.object({ accelerator: z.string(), host: z.string() }) })

/**
 * How long each lab took in a run: the sum of all its variants. A lab of which the run lacks a variant has no time.
 * @throws ZodError for a manifest that is none
 */
export function timesOfRun(
  labs: readonly { readonly name: string; readonly variants: readonly { readonly name: string }[] }[],
  { junit, manifest }: { readonly junit: string; readonly manifest: string },
): LabTimes {
  const suites = junit.matchAll(/<testsuite name="([^"]*)"[^>]* time="([\d.]+)"/g)
  const seconds = new Map(Array.from(suites, ([, name = '', time]) => [name, Number(time)]))
  const times = labs.flatMap(({ name, variants }): [string, string][] => {
    const parts = variants.flatMap((variant) => seconds.get(`${name}/${variant.name}`) ?? [])
    return parts.length < variants.length ? [] : [[name, renderTime(parts.reduce((sum, part) => sum + part, 0))]]
  })
  const { accelerator, host } = manifestSchema.parse(JSON.parse(manifest)).surroundings
  // The host is written "Linux 6.1.0 x64, 2 processors, 24 GiB".
  const machine = host.split(', ').slice(1).join(', ')
  return { measuredOn: `${accelerator === 'kvm' ? 'KVM' : 'emulated, without KVM'}; ${machine}`, times: new Map(times) }
}

/** The times that the page has. */
export function timesOfPage(page: string): LabTimes {
  const rows = page.matchAll(/^\| \[([^\]]+)\]\(.*\| ([^|]+) \|$/gm)
  return {
    measuredOn: /^Times: .* \((.*)\)\.$/m.exec(page)?.[1] ?? 'nothing yet',
    times: new Map(Array.from(rows, ([, name = '', time = '']) => [name, time])),
  }
}

/** A time as coarse as it differs from run to run. */
function renderTime(seconds: number): string {
  const fives = Math.max(1, Math.round(seconds / 5))
  return fives < 12 ? `${fives * 5} s` : `${Math.round(seconds / 60)} min`
}
