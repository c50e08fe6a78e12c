import { createHash } from 'node:crypto'
import { userInfo } from 'node:os'
import { usageError } from '../../errors.ts'
import { boxName } from '../../image/box.ts'
import { openImage } from '../../image/image.ts'
import { defaultImage, loadRecipe } from '../../image/recipe.ts'
import { planRun } from '../../plan.ts'
import { chooseAccelerator } from '../../providers/qemu/kvm-probe.ts'
import { lastingPorts, type VagrantPlan, vagrantPlanOf } from '../../providers/vagrant/vagrant-plan.ts'
import type { CommandContext } from '../command.ts'
import { labsFolder, loadLabs } from '../load-labs.ts'
import { readArguments } from '../options.ts'

const help = `Usage: npm run -s lab plan NAME

Prints a lab's machines, memory, NICs and cables as JSON: what the Vagrantfile declares. NAME may be name/variant; else
it is the first variant.
`

/** `npm run lab plan NAME`. */
export async function planCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, { help: { type: 'boolean', short: 'h', default: false } }, help)
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot plan: expected the name of one lab', help)
  context.stdout.write(`${JSON.stringify(await planForVagrant(name, context), null, 2)}\n`)
  return 0
}

async function planForVagrant(name: string, { errorColour, signal }: CommandContext): Promise<VagrantPlan> {
  const [selection] = loadLabs([name], { all: false, colour: errorColour })
  const variant = selection?.lab.variants.find(
    (one) => selection.variant === undefined || one.name === selection.variant,
  )
  if (selection === undefined || variant === undefined) throw usageError(`cannot plan ${name}: it has no such variant`)
  const plan = planRun(selection.lab.name, variant)
  // Two checkouts, or two users, may have the same lab up.
  const owner = `${userInfo().username} ${labsFolder}`
  const ownerKey = createHash('sha256').update(owner).digest('hex').slice(0, 6)
  const { packages } = await loadRecipe(defaultImage)
  const image = await openImage().catch(() => undefined)
  // Without an image nothing can be booted to find out whether KVM works; then it is left to Vagrant's box.
  const accelerator = image ? (await chooseAccelerator(image, 'auto', signal)).accelerator : 'kvm'
  return vagrantPlanOf(plan, {
    prefix: `wirelab-${ownerKey}-${plan.lab}-`,
    accelerator,
    packages,
    box: image && boxName(image),
    ports: lastingPorts(owner, plan),
  })
}
