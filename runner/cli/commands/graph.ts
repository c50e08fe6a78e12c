import { renderDot } from '../../../reports/topology/dot.ts'
import { renderMermaid } from '../../../reports/topology/mermaid.ts'
import { loadDrawSvg, renderSvgFile } from '../../../reports/topology/svg.ts'
import { drawTopology } from '../../../reports/topology/topology.ts'
import { topologyOf } from '../../announce-scope.ts'
import { usageError } from '../../errors.ts'
import { ownCommand, quietCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments, readChoice } from '../options.ts'

const help = `Usage: ${ownCommand('graph NAME [-- --format svg|mermaid|dot]')}

Prints a lab's topology: machines as boxes with their namespaces, and the cables with the names of the NICs at both
ends. NAME may be name/variant; else the first variant is drawn. To keep it in a file:
${quietCommand('graph NAME > lab.svg')}
`

/** Its options, as parseArgs takes them. */
export const options = { format: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } as const

/** `npm run lab graph NAME`. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot draw: expected the name of one lab', help)
  const format = readChoice('format', values.format, ['svg', 'mermaid', 'dot'])
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  const variant = selection?.lab.variants.find(
    (one) => selection.variant === undefined || one.name === selection.variant,
  )
  if (variant === undefined) throw usageError(`cannot draw ${name}: it has no such variant`)
  const drawing = drawTopology(topologyOf(variant))
  if (format === 'mermaid') context.stdout.write(renderMermaid(drawing))
  else if (format === 'dot') context.stdout.write(renderDot(drawing))
  else context.stdout.write(renderSvgFile((await loadDrawSvg())(drawing)))
  return 0
}
