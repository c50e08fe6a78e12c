import { z } from 'zod'
import { usageError } from '../errors.ts'
import { checkShape } from '../lab/schema/check-shape.ts'
import { gatherFindings, renderDiagnostics } from '../lab/text/diagnostics.ts'
import { parseYaml, plainOf } from '../lab/text/yaml-tree.ts'

const courseSchema = z.strictObject({
  title: z.string(),
  text: z.string().optional(),
  chapters: z
    .array(z.strictObject({ title: z.string(), text: z.string().optional(), labs: z.array(z.string()).min(1) }))
    .min(1),
})

/** Labs in the order in which they are taught, in chapters with text between them. */
export type Course = Readonly<z.infer<typeof courseSchema>>

/** A course of its text. @throws WirelabError of kind usage with the place of every mistake */
export function parseCourse(file: string, text: string): Course {
  const { tree, mistakes } = parseYaml(text)
  const findings = gatherFindings(file, text, tree)
  for (const { span, ...mistake } of mistakes) findings.reportAt(span, mistake)
  const shape =
    mistakes.length === 0 ? checkShape(courseSchema, tree && plainOf(tree), [], findings.reportIn()) : undefined
  const found = findings.list([])
  if (shape !== undefined && found.length === 0) return shape.value
  throw usageError(renderDiagnostics(found))
}
