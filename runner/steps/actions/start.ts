import { z } from 'zod'
import { durationSchema, nameSchema, text } from '../../lab/schema/schema-words.ts'
import { parseDuration } from '../../lab/text/duration.ts'
import { fieldOf } from '../../lab/text/mapping.ts'
import { fillKept } from '../../lab/values/kept.ts'
import type { BackgroundDeclaration } from '../background/declaration.ts'
import { type Action, nodeOf } from './action.ts'

const keys = {
  start: z
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
    .describe('A process to run in the background, until a step stops it or the lab ends.'),
}

const defaultReadyMs = 20_000

/** Starts a background process and waits until it is ready. */
export const start: Action<BackgroundDeclaration, z.output<z.ZodObject<typeof keys>>> = {
  key: 'start',
  keys,
  needsNode: true,
  processOf(raw) {
    const id = fieldOf(raw, 'id')
    return typeof id === 'string' ? id : undefined
  },
  read: ({ start: { id, run, ready, 'ready-port': readyPort, within } }) => ({
    value: {
      id,
      text: run,
      ...(ready === undefined ? {} : { ready }),
      ...(readyPort === undefined ? {} : { readyPort }),
      withinMs: (within === undefined ? undefined : parseDuration(within)) ?? defaultReadyMs,
    },
  }),
  instead: (declaration, commands) => ({ ...declaration, text: commands }),
  texts: {
    of: ({ text: commands }) => [{ text: commands, path: ['start', 'run'] }],
    with: (declaration, _, commands) => ({ ...declaration, text: commands }),
  },
  perform({ value }, step, { background, kept }) {
    return background.start(step.index, nodeOf(step), { ...value, text: fillKept(value.text, kept, true) })
  },
}
