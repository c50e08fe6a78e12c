import { z } from 'zod'
import type { LabEvent } from '../../lab/lab-event.ts'
import { impair } from './impair.ts'
import type { EventReading, LabEventKind } from './lab-event.ts'
import { link } from './link.ts'
import { machine } from './machine.ts'
import { nic } from './nic.ts'

/** All kinds of events, by the key that stands for them in a lab file. */
const kinds: { readonly [K in LabEvent['kind']]: LabEventKind<Extract<LabEvent, { kind: K }>> } = {
  link,
  machine,
  nic,
  impair,
}

/** What the kind of an event knows of it. */
export const kindOfEvent = (event: LabEvent): LabEventKind<LabEvent> => kinds[event.kind]

/** The same table, for words that somebody typed. */
export const eventKinds: Readonly<Record<string, Pick<LabEventKind<LabEvent>, 'usage' | 'rawOf'>>> = Object.assign(
  Object.create(null),
  kinds,
)

/** The keys of which exactly one says what happens. */
export const eventKeys: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(kinds).map(([key, { schema }]) => [key, schema.optional()]),
)

/** A mapping that must have exactly one of some keys: what must hold, and what was expected when it does not. */
export const oneOf = (keys: readonly string[]) =>
  [
    (value: object) => keys.filter((key) => Reflect.get(value, key) !== undefined).length === 1,
    `expected one of ${keys.join(', ')}`,
  ] as const

/** One event as it stands in a lab file. */
export const eventSchema = z
  .strictObject(eventKeys)
  .refine(...oneOf(Object.keys(eventKeys)))
  .describe('Something happens to a cable, a machine or a NIC.')

/** The event that a mapping means which fits `eventSchema`; undefined after a mistake in it is reported. */
export function readEvent(raw: object, { path, ...reading }: EventReading): LabEvent | undefined {
  for (const [key, kind] of Object.entries<LabEventKind<LabEvent>>(kinds)) {
    const value: unknown = Reflect.get(raw, key)
    if (value !== undefined) return kind.read(value, { ...reading, path: [...path, key] })
  }
  return undefined
}
