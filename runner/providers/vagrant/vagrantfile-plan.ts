import { createHash } from 'node:crypto'
import { usageError } from '../../errors.ts'
import { ownUser } from '../../host/own-user.ts'
import { boxName } from '../../image/box.ts'
import { type Image, openImage } from '../../image/image.ts'
import { defaultImage } from '../../image/image-name.ts'
import { loadRecipe } from '../../image/recipe.ts'
import type { Plan } from '../../plan.ts'
import type { Accelerator } from '../accelerator.ts'
import { chooseLibvirtAccelerator } from './kvm-probe.ts'
import { lastingPorts, oneBox, type VagrantPlan, vagrantPlanOf } from './vagrant-plan.ts'

/**
 * What the Vagrantfile declares when a person brings a lab up by hand. `folder` is that of the labs: two checkouts, or
 * two users, may have the same lab up. @throws WirelabError of kind usage for a lab of several images
 */
export async function planForVagrantfile(plan: Plan, folder: string, signal: AbortSignal): Promise<VagrantPlan> {
  const owner = `${ownUser().name} ${folder}`
  const ownerKey = createHash('sha256').update(owner).digest('hex').slice(0, 6)
  const [name = defaultImage, ...others] = new Set(plan.machines.map((machine) => machine.image))
  if (others.length > 0) throw usageError(oneBox.no, oneBox.remedy)
  const { packages } = await loadRecipe(name)
  const image = await openImage(name).catch(() => undefined)
  return vagrantPlanOf(plan, {
    prefix: `wirelab-${ownerKey}-${plan.lab}-`,
    accelerator: await acceleratorByHand(image, signal),
    packages,
    box: image && boxName(image),
    ports: lastingPorts(owner, plan),
  })
}

/** Where nothing can be booted to find out whether KVM works, it is left to Vagrant's box. */
async function acceleratorByHand(image: Image | undefined, signal: AbortSignal): Promise<Accelerator> {
  if (image === undefined) return 'kvm'
  try {
    return (await chooseLibvirtAccelerator(image, 'auto', signal)).accelerator
  } catch {
    signal.throwIfAborted()
    return 'kvm'
  }
}
