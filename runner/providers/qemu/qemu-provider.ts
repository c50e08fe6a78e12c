import { ownCommand } from '../../host/own-command.ts'
import type { Image } from '../../image/image.ts'
import { defaultMemoryMiB } from '../../plan.ts'
import type { Accelerator } from '../accelerator.ts'
import { type Finding, missing, type Need, type NeedContext, need } from '../needs.ts'
import type { Abilities, Provider } from '../provider.ts'
import { bringUpTestbed } from '../testbed.ts'
import { listKept } from './kept.ts'
import { chooseQemuAccelerator } from './kvm-probe.ts'
import { qemuVersion } from './qemu-version.ts'
import { sealedMemory } from './sealed-files.ts'
import { faultOfTemplate, readTemplate } from './template-files.ts'
import { templateFolder } from './template-folder.ts'

const can: Abilities = { keep: 'yes', plugNics: 'yes', capture: 'yes', images: 'yes', snapshots: 'yes' }

/** The shape of nearly all machines. */
const usualShape = (image: Image, accelerator: Accelerator) => ({
  ...{ image, accelerator, memoryMiB: defaultMemoryMiB, cpus: 1 },
})

/** What a copy takes for itself, of the default memory, and what all of a template share; measured under TCG. */
const ownMiB = 110
const sharedMiB = 180

const needs: readonly Need[] = [
  need(false, async () => ({ state: 'there', text: `QEMU ${await qemuVersion()}` })),
  need(true, checkAccelerator),
  need(true, checkTemplate),
]

/** Machines as QEMU processes, each a copy of a template; cables as pairs of sockets. */
export const qemuProvider: Provider = {
  name: 'qemu',
  can,
  needs,
  async prepare(image, options) {
    const { accelerator } = await chooseQemuAccelerator(image, 'auto', options.signal)
    const shape = usualShape(image, accelerator)
    // Loaded late: it needs the SSH client.
    const { provideTemplate } = await import('./template.ts')
    return { made: await provideTemplate({ image, shape, nics: 0 }, options) }
  },
  lookAhead: () => void qemuVersion().catch(() => {}),
  async describe({ image, accelerator: wish, signal }) {
    const { accelerator } = await chooseQemuAccelerator(image, wish, signal)
    // The first machine waits for it, and nothing else does until then.
    void sealAhead(image, accelerator).catch(() => {})
    return { accelerator, qemu: await qemuVersion() }
  },
  memoryMiB: ({ machines }) =>
    machines.reduce(
      (sum, { memoryMiB }) => sum + ownMiB + Math.max(0, memoryMiB - defaultMemoryMiB),
      sharedMiB * new Set(machines.map(({ image }) => image)).size,
    ),
  async bringUp(plan, options) {
    const { qemuDriver } = await import('./qemu-driver.ts')
    return bringUpTestbed(plan, qemuDriver(plan, options), can, options)
  },
  listKept,
}

async function sealAhead(image: Image, accelerator: Accelerator): Promise<void> {
  const folder = await templateFolder(image, usualShape(image, accelerator))
  if ((await faultOfTemplate(folder, 0, 'quick')) === undefined) await sealedMemory(await readTemplate(folder, 0))
}

async function checkAccelerator({ image, accelerator: wish, signal }: NeedContext): Promise<Finding> {
  if (image === undefined) return noImage
  const { accelerator, reason } = await chooseQemuAccelerator(image, wish, signal)
  const [why] = reason.split('\n')
  const how = accelerator === 'kvm' ? 'KVM' : 'TCG, which is slower'
  return { state: 'there', text: `machines run under ${how}: ${why}` }
}

async function checkTemplate({ image, accelerator: wish, signal, thorough }: NeedContext): Promise<Finding> {
  if (image === undefined) return noImage
  const { accelerator } = await chooseQemuAccelerator(image, wish, signal)
  const folder = await templateFolder(image, usualShape(image, accelerator))
  const fault = await faultOfTemplate(folder, 0, thorough ? 'full' : 'quick')
  if (fault === undefined) return { state: 'there', text: 'a template is ready to be copied' }
  const words = fault.missing ? 'there is no template yet' : `the template is damaged (${fault.problem})`
  return { state: 'improvable', text: `${words}: the next run makes it, or "${ownCommand('setup')}"` }
}

const noImage = missing('cannot run labs', 'there is no image to boot', ownCommand('setup'))
