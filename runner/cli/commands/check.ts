import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments } from '../options.ts'

const help = `Usage: npm run lab check NAME... [-- --all]

Reads lab files and says everything that is wrong with them, each mistake with file:line:column. Boots nothing.
`

/** `npm run lab check NAME...`. Returns the exit code; mistakes are thrown as one usage error. */
export async function checkCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(
    args,
    { all: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    'npm run lab check -- --help',
  )
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  if (positionals.length === 0 && !values.all) throw usageError('cannot check nothing: no lab is named', help)
  for (const { lab } of loadLabs(positionals, { all: values.all, colour: context.errorColour })) {
    const steps = Math.max(...lab.variants.map((variant) => variant.steps.length))
    context.stdout.write(
      `${lab.name}: ${lab.variants.length} variants, ${steps} steps, ${lab.mutations.length} mutations\n`,
    )
  }
  return 0
}
