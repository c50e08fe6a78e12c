import { renderJson } from '../../../reports/text/json.ts'
import { plural } from '../../../reports/text/plain-text.ts'
import { exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Lab } from '../../lab/lab.ts'
import { renderWarnings } from '../../lab/text/diagnostics.ts'
import type { CommandContext } from '../command.ts'
import { findLabs, loadLabs, readLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'
import { warningsOf } from '../warn-of-lacks.ts'

const help = `Usage: ${ownCommand('check NAME... [-- OPTIONS]')}

Options:
  --all      every lab in labs/ here, or that wirelab ships where there is none
  --json     print labs and mistakes as JSON, on stdout

Reads lab files and says everything that is wrong with them, each mistake with file:line:column; and warns of programs
that a lab's image lacks, where that is built. Boots nothing.
`

/** Its options, as parseArgs takes them. */
export const options = {
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

/** `npm run lab check NAME...`. Returns the exit code; mistakes are thrown as one usage error. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  if (positionals.length === 0 && !values.all) throw usageError('cannot check nothing: no lab is named', help)
  if (values.json) return checkForPrograms(positionals, values.all, context)
  const labs = loadLabs(positionals, { all: values.all, colour: context.errorColour }).map(({ lab }) => lab)
  for (const lab of labs) {
    const { name, variants, steps, mutations } = sizeOf(lab)
    const sizes = [plural(variants, 'variant'), plural(steps, 'step'), plural(mutations, 'mutation')]
    context.stdout.write(`${name}: ${sizes.join(', ')}\n`)
  }
  context.stderr.write(renderWarnings(await warningsOf(new Set(labs)), context.errorColour))
  return 0
}

/** Mistakes in lab files are data, and the exit code is theirs all the same. */
async function checkForPrograms(names: readonly string[], all: boolean, { stdout }: CommandContext): Promise<number> {
  const { labs, diagnostics } = readLabs(findLabs(names, all))
  const checked = {
    labs: [...labs.values()].map(sizeOf),
    mistakes: diagnostics,
    warnings: await warningsOf(labs.values()),
  }
  stdout.write(`${renderJson(checked, 2)}\n`)
  return diagnostics.length === 0 ? exitCodes.passed : exitCodes.usage
}

const sizeOf = ({ name, file, variants, mutations }: Lab) => ({
  name,
  file,
  variants: variants.length,
  steps: Math.max(...variants.map(({ steps }) => steps.length)),
  mutations: mutations.length,
})
