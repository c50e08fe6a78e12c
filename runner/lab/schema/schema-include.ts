import { z } from 'zod'
import { loopSchema } from './schema-loops.ts'
import { valuesSchema } from './schema-words.ts'

/** An entry of a list of steps that stands for the steps of another file. */
export const includeSchema = z.strictObject({
  include: z
    .string()
    .refine(
      (path) => path !== '' && !path.includes('\0') && !path.includes('{{'),
      'expected the path of a file as it is',
    )
    .describe(
      'In place of a step: a file with a list of steps, which are done here as if they stood here; with each beside it, once for each item. Its path is seen from this file, and may lead elsewhere in the repository: ../common/router.yaml. Paths in it are seen from it.',
    ),
  with: valuesSchema.optional().describe('Beside include: values for those steps alone, as { router: r1 }.'),
  each: loopSchema.optional(),
})
