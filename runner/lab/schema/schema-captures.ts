import { z } from 'zod'
import { durationSchema, endpointSchema, nameSchema, text } from './schema-words.ts'

/** A background process. */
export const startSchema = z
  .strictObject({
    id: nameSchema.describe('The name by which steps and expectations know the process.'),
    run: text.describe('Shell commands, run as root on the node while the lab goes on.'),
    ready: z.string().min(1, 'expected text').optional().describe('It is ready when its output contains this text.'),
    'ready-port': z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('It is ready when something listens on this TCP or UDP port of the node.'),
    within: durationSchema.optional().describe('How long it may take to be ready. Default: 20s.'),
  })
  .describe('A process to run in the background, until a step stops it or the lab ends.')

const until = nameSchema
  .optional()
  .describe('The id of a later step: frames are kept until that step ends. Default: this step.')

/** A capture: where, and until when. */
export const captureSchema = z.union([
  endpointSchema,
  z.strictObject({ cable: endpointSchema.describe('Take the frames off the cable, outside the machine.'), until }),
  z.strictObject({ nic: endpointSchema.describe('Take the frames from an interface inside the node.'), until }),
])
