import type { Endpoint } from '../../lab/lab.ts'
import { parseEndpoint } from '../../lab/text/endpoint.ts'
import { listNames } from '../../lab/text/list-names.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { EventReading } from './lab-event.ts'

/** The end of a cable that an event's `endpoint` means; undefined after it is reported that no link ends there. */
export function readCableEnd(
  { endpoint }: { readonly endpoint: string },
  { path, topology, report }: EventReading,
): Endpoint | undefined {
  const ends = topology.cableEnds
  if (ends.has(endpoint)) return parseEndpoint(endpoint)
  report([...path, 'endpoint'], {
    message: `cannot do this at ${endpoint}: no link ends there`,
    nearest: () => nearestWord(endpoint, ends),
    hint: () => (ends.size === 0 ? 'the lab has no links' : `the links end at ${listNames(ends)}`),
  })
  return undefined
}
