import type { MachineWish } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { machineKeys, machineSchema } from '../schema/schema-machine.ts'
import type { Path } from '../text/diagnostics.ts'
import { listNames } from '../text/list-names.ts'
import { fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import { fillIn } from '../values/fill.ts'
import type { VariantContext } from './variant-context.ts'

/** What a lab says of all its machines; undefined when it says nothing. */
export function readMachines(root: unknown, context: VariantContext): MachineWish | undefined {
  const own = Object.keys(machineKeys).flatMap((key) => {
    const value = fieldOf(root, key)
    return value === undefined ? [] : [[key, value] as const]
  })
  if (own.length === 0) return undefined
  const filled = fillIn(Object.fromEntries(own), [], context.values, context.report)
  const shape = checkShape(machineSchema, filled.value, [], context.report, filled)
  return shape === undefined ? undefined : readMachineWish(shape.value, [], context)
}

/** What stands at a path about a machine; undefined when nothing does. An image that nobody knows is reported. */
export function readMachineWish(
  { image, packages, requires }: typeof machineSchema._output,
  path: Path,
  { images, report }: Pick<VariantContext, 'images' | 'report'>,
): MachineWish | undefined {
  if (image === undefined && packages === undefined && requires === undefined) return undefined
  const known = image === undefined ? [] : (images?.() ?? [image])
  if (image !== undefined && !known.includes(image))
    report([...path, 'image'], {
      message: `cannot find image "${image}"`,
      nearest: () => nearestWord(image, known),
      hint: () => `there is a recipe for ${listNames(known)}`,
    })
  return {
    ...(image === undefined ? {} : { image }),
    packages: packages ?? [],
    requires: requires === undefined ? [] : [requires],
  }
}
