import type { z } from 'zod'
import { usageError } from '../errors.ts'
import { checkShape } from '../lab/schema/check-shape.ts'
import { gatherFindings, renderDiagnostics } from '../lab/text/diagnostics.ts'
import { parseYaml, plainOf } from '../lab/text/yaml-tree.ts'

/** What a schema makes of a YAML text. @throws WirelabError of kind usage with the place of every mistake */
export function parseYamlAs<T>(file: string, text: string, schema: z.ZodType<T>): T {
  const { tree, mistakes } = parseYaml(text)
  const findings = gatherFindings(file, text, tree)
  for (const { span, ...mistake } of mistakes) findings.reportAt(span, mistake)
  const shape = mistakes.length === 0 ? checkShape(schema, tree && plainOf(tree), [], findings.reportIn()) : undefined
  const found = findings.list([])
  if (shape !== undefined && found.length === 0) return shape.value
  throw usageError(renderDiagnostics(found))
}
