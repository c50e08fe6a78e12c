import type { Requirement } from '../lab/lab.ts'
import type { ImageManifest } from './manifest.ts'

/** What a manifest knows of an image that labs may ask for. */
type Contents = Pick<ImageManifest, 'commands'> & { readonly kernel: Omit<ImageManifest['kernel'], 'commandLine'> }

/** What an image lacks of what is required of it, in words; undefined when it has all of it. */
export function whatLacks({ kernel, commands }: Contents, requires: readonly Requirement[]): string | undefined {
  const lacks = requires.flatMap((required) => [
    ...(required.kernel === undefined || isVersion(kernel.release, required.kernel)
      ? []
      : [`its kernel is ${kernel.release}, not ${required.kernel}`]),
    ...missingOf('kernel module', required.modules, kernel.modules, (name) => name.replaceAll('-', '_')),
    ...missingOf('command', required.commands, commands, (name) => name),
  ])
  return lacks.length === 0 ? undefined : [...new Set(lacks)].join('; ')
}

function missingOf(
  what: string,
  wanted: readonly string[] = [],
  present: readonly string[],
  asListed: (name: string) => string,
): string[] {
  const known = new Set(present)
  return wanted.filter((name) => !known.has(asListed(name))).map((name) => `it has no ${what} ${name}`)
}

/** Whether a kernel's release, as `6.1.0-42-cloud-amd64`, meets all comparisons, each as far as its version goes. */
const isVersion = (release: string, wanted: string) =>
  Array.from(wanted.matchAll(/(>=|<=|>|<|=)([\d.]+)/g)).every(([, sign = '', version = '']) =>
    holds(sign, compareAsFar(release, version)),
  )

const holds = (sign: string, order: number) =>
  (sign.includes('=') && order === 0) || (sign.includes('>') && order > 0) || (sign.includes('<') && order < 0)

/** Positive when the release is newer than the version, zero when it begins with it. */
function compareAsFar(release: string, version: string): number {
  const numbers = /^[\d.]*/.exec(release)?.[0].split('.').map(Number) ?? []
  const differences = version.split('.').map((part, at) => (numbers[at] ?? 0) - Number(part))
  return differences.find((difference) => difference !== 0) ?? 0
}
