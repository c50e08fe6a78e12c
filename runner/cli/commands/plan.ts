import { renderJson } from '../../../reports/text/json.ts'
import { usageError } from '../../errors.ts'
import { quietCommand } from '../../host/own-command.ts'
import { planRun } from '../../plan.ts'
import { planForVagrantfile } from '../../providers/index.ts'
import type { CommandContext } from '../command.ts'
import { shippedLabs } from '../labs-folder.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${quietCommand('plan NAME')}

Prints a lab's machines, memory, NICs and cables as JSON: what the Vagrantfile declares. NAME may be name/variant; else
it is the first variant. It is always JSON, with --json too.
`

/** Its options, as parseArgs takes them. */
export const options = { json: { type: 'boolean' } } as const

/** `npm run lab plan NAME`. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot plan: expected the name of one lab', help)
  context.stdout.write(`${renderJson(await planOf(name, context), 2)}\n`)
  return 0
}

async function planOf(name: string, { errorColour, signal }: CommandContext) {
  const [selection] = loadLabs([name], { all: false, colour: errorColour })
  const variant = selection?.lab.variants.find(
    (one) => selection.variant === undefined || one.name === selection.variant,
  )
  if (selection === undefined || variant === undefined) throw usageError(`cannot plan ${name}: it has no such variant`)
  return await planForVagrantfile(planRun(selection.lab.name, variant), shippedLabs, signal)
}
