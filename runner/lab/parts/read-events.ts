import type { Impairment, LabEvent } from '../lab.ts'
import type { eventSchema, impairmentSchema } from '../schema/schema-events.ts'
import type { Path } from '../text/diagnostics.ts'
import { parseDuration } from '../text/duration.ts'
import { parseEndpoint } from '../text/endpoint.ts'
import { nearestWord } from '../text/nearest.ts'
import type { DeclaredTopology, VariantContext } from './variant-context.ts'

type RawEvent = typeof eventSchema._output

/** Makes events of those of a step; one with mistakes is left out after they are reported. */
export const readEvents = (
  events: readonly RawEvent[],
  path: Path,
  topology: DeclaredTopology,
  scope: VariantContext,
): readonly LabEvent[] =>
  events.flatMap((raw, number) => {
    const event = readEvent(raw, [...path, number], topology, scope)
    return event === undefined ? [] : [event]
  })

/** Makes an event; undefined after a mistake in it is reported. */
export function readEvent(
  raw: RawEvent,
  path: Path,
  topology: DeclaredTopology,
  scope: VariantContext,
): LabEvent | undefined {
  const { link, machine, nic, impair } = raw
  if (machine !== undefined) {
    if (!checkMachine(machine.node, [...path, 'machine', 'node'], topology, scope)) return undefined
    return { kind: 'machine', node: machine.node, state: machine.state }
  }
  const on = link ?? nic ?? impair
  if (on === undefined) return undefined
  const key = link !== undefined ? 'link' : nic !== undefined ? 'nic' : 'impair'
  if (!checkCableEnd(on.endpoint, [...path, key, 'endpoint'], topology, scope)) return undefined
  const endpoint = parseEndpoint(on.endpoint)
  if (link !== undefined) return { kind: 'link', endpoint, state: link.state, direction: link.direction ?? 'both' }
  if (nic !== undefined) return { kind: 'nic', endpoint, state: nic.state }
  return impair && { kind: 'impair', endpoint, impairment: makeImpairment(impair) }
}

/** What a lab says of a cable's quality, in numbers. */
export function makeImpairment(raw: typeof impairmentSchema._output): Impairment {
  const delayMs = raw.delay === undefined ? undefined : parseDuration(raw.delay)
  const jitterMs = raw.jitter === undefined ? undefined : parseDuration(raw.jitter)
  return {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(raw.loss === undefined ? {} : { lossPercent: Number.parseFloat(raw.loss) }),
    ...(raw.rate === undefined ? {} : { rate: raw.rate }),
  }
}

function checkMachine(
  name: string,
  path: Path,
  { nodes, nodeNames }: DeclaredTopology,
  { report }: VariantContext,
): boolean {
  const machines = nodes.flatMap((node) => (node.namespaceOf === undefined ? [node.name] : []))
  if (machines.includes(name)) return true
  report(path, {
    message: nodeNames.has(name)
      ? `cannot do this to "${name}": it is a namespace, not a machine`
      : `cannot do this to "${name}": no node has this name`,
    nearest: nearestWord(name, machines),
    hint: `the machines are ${machines.join(', ')}`,
  })
  return false
}

function checkCableEnd(text: string, path: Path, { links }: DeclaredTopology, { report }: VariantContext): boolean {
  const ends = links.flatMap(({ endpoints }) => endpoints.map(({ node, nic }) => `${node}:${nic}`))
  if (ends.includes(text)) return true
  report(path, {
    message: `cannot do this at ${text}: no link ends there`,
    nearest: nearestWord(text, ends),
    hint: ends.length === 0 ? 'the lab has no links' : `the links end at ${ends.join(', ')}`,
  })
  return false
}
