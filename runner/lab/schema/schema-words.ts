import { z } from 'zod'
import { durationForm, parseDuration } from '../text/duration.ts'

// The words that the schemas of a lab file are made of.

/** Text of any number of lines. */
export const text = z.string().refine((value) => value.trim() !== '', 'expected text, not nothing')

/** Text of one line. */
export const line = z
  .string()
  .min(1, 'expected one line of text, not nothing')
  .max(200, 'expected one line of at most 200 characters')
  .refine((value) => value.trim() !== '' && !/[\p{Cc}\u2028\u2029]/u.test(value), 'expected one line of text')

/** Names of nodes, variants, values, captures, and ids of steps. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,31}$/,
    'expected lower-case letters, digits, - and _, at most 32, a letter or digit first',
  )

/** Linux takes any name of 1 to 15 bytes without slash, colon and white space, except . and .. (dev_valid_name). */
const nic = /^[^\s/:]{1,15}$/

export const endpointSchema = z
  .string()
  .refine((value) => {
    const [node = '', name = '', ...rest] = value.split(':')
    return rest.length === 0 && node !== '' && nic.test(name) && name !== '.' && name !== '..'
  }, 'expected node:interface, the interface a name that Linux allows (1 to 15 characters, no / : or space)')
  .describe('An end of a cable or an interface of a node, written node:interface.')

export const durationSchema = z
  .string()
  .refine((value) => parseDuration(value) !== undefined, `expected ${durationForm}`)
