import { z } from 'zod'
import { endpointSchema, nameSchema } from './schema-words.ts'

const until = nameSchema
  .optional()
  .describe('The id of a later step: frames are kept until that step ends. Default: this step.')

/** A capture: where, and until when. */
export const captureSchema = z.union([
  endpointSchema,
  z.strictObject({ cable: endpointSchema.describe('Take the frames off the cable, outside the machine.'), until }),
  z.strictObject({ nic: endpointSchema.describe('Take the frames from an interface inside the node.'), until }),
])
