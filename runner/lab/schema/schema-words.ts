import { z } from 'zod'
import { whyNoNicName } from '../../../assertions/parts/nic-name.ts'
import { durationForm, parseDuration } from '../text/duration.ts'

// The words that the schemas of a lab file are made of.

/** Text of any number of lines. */
export const text = z.string().refine((value) => value.trim() !== '', 'expected text, not nothing')

/** What ends a line, controls a terminal, or turns the order of what a reader sees. */
const unprintable = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u

/** Text of one line. */
export const line = z
  .string()
  .min(1, 'expected one line of text, not nothing')
  .max(200, 'expected one line of at most 200 characters')
  .refine((value) => value.trim() !== '' && !unprintable.test(value), 'expected one line of text')

/** Names of nodes, variants, values, captures, and ids of steps. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,31}$/,
    'expected lower-case letters, digits, - and _, at most 32, a letter or digit first',
  )

export const endpointSchema = z
  .string()
  .superRefine((value, context) => {
    const colon = value.indexOf(':')
    const wanted = whyNoNicName(value.slice(colon + 1))
    if (colon > 0 && wanted === undefined) return
    const name = colon > 0 ? `an interface as eth0: ${wanted}` : 'as host:eth0'
    context.addIssue({ code: 'custom', message: `expected node:interface, ${name}` })
  })
  .describe('An end of a cable or an interface of a node, written node:interface.')

/** The address of one NIC, not of a group. */
export const macSchema = z
  .string()
  .refine(
    (value) => /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(value) && !/^[0:]*$/.test(value),
    'expected the MAC address of one NIC, such as 02:00:00:00:00:01',
  )

export const durationSchema = z
  .string()
  .refine((value) => parseDuration(value) !== undefined, `expected ${durationForm}`)

/** Text of a value. */
export const valueSchema = z.string().max(4096, 'expected at most 4096 characters')

/** Values by name. */
export const valuesSchema = z.record(nameSchema, valueSchema)
