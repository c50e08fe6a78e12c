import { posix } from 'node:path'
import { valueIn } from '../../steps/actions/action.ts'
import { copy } from '../../steps/actions/copy.ts'
import type { Variant } from '../lab.ts'
import type { Report } from '../text/diagnostics.ts'
import { nearestWord } from '../text/nearest.ts'
import { bringsPrograms, namesMadeIn, programsIn } from '../values/shell-programs.ts'
import { scriptsOf } from './check-scripts.ts'

/** What is known of an image. */
export interface KnownImage {
  readonly name: string
  readonly programs: ReadonlySet<string>
}

/** The image of a machine; undefined where nothing is known of it. */
export type ImageOf = (machine: string) => KnownImage | undefined

/**
 * Reports the programs that commands of a variant start and the image of their machine lacks. Those that steps may have
 * brought there themselves are not.
 */
export function findLacks({ nodes, steps }: Variant, imageOf: ImageOf, report: Report): void {
  const scripts = steps.flatMap(scriptsOf)
  if (scripts.some(({ text }) => bringsPrograms(text))) return
  const made = new Set([
    ...scripts.flatMap(({ text }) => namesMadeIn(text)),
    ...steps.flatMap((step) => (valueIn(step, copy) ?? []).map(({ to }) => posix.basename(to))),
  ])
  const machineOf = new Map(nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name]))
  for (const { text, path, node = '' } of scripts) {
    const image = imageOf(machineOf.get(node) ?? '')
    if (image === undefined) continue
    for (const { name, nth } of programsIn(text)) {
      if (image.programs.has(name) || made.has(name)) continue
      report(path, {
        message: `cannot find program "${name}": image ${image.name} has none of this name`,
        nearest: () => nearestWord(name, image.programs),
        hint: 'say under "packages" which package has it, or choose another image',
        part: { text: name, nth },
      })
    }
  }
}
