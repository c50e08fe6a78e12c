import { isIP } from 'node:net'
import { type OutageClaim, outageQuestion, renderOutageClaim } from '../../../assertions/outage/outage.ts'
import type { Outage, OutageDeed, OutageExpectation } from '../../lab/lab.ts'
import type { DeclaredTopology, VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { parseDuration } from '../../lab/text/duration.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import { readEvent } from '../events/index.ts'
import type { outageSchema } from './outage-schema.ts'

type RawOutage = typeof outageSchema._output

const defaultEveryMs = 10
const defaultWithinMs = 10_000
const defaultForMs = 1000

/** Makes an outage of a step's; undefined after a mistake in it is reported. `nameCase` makes names of cases unique. */
export function readOutage(
  raw: RawOutage,
  path: Path,
  topology: DeclaredTopology,
  scope: VariantContext,
  nameCase: (words: string) => string,
): Outage | undefined {
  const { stream, within, for: lasting } = raw
  const everyMs = durationOf(stream.every) ?? defaultEveryMs
  if (everyMs < 1 || everyMs > 1000) {
    const message = `cannot send every ${stream.every}: expected a time from 1ms to 1s`
    scope.report([...path, 'stream', 'every'], { message })
  }
  const from = checkNode(stream.from, [...path, 'stream', 'from'], topology, scope)
  const receivers = readReceivers(stream, [...path, 'stream'], topology, scope)
  const deeds = raw.while.map((deed, index) => readDeed(deed, [...path, 'while', index], topology, scope))
  if (!from || receivers === undefined) return undefined
  return {
    from: stream.from,
    ...receivers,
    everyMs,
    while: deeds.flatMap((deed) => (deed === undefined ? [] : [deed])),
    withinMs: durationOf(within) ?? defaultWithinMs,
    forMs: durationOf(lasting) ?? defaultForMs,
    expectations: claimsOf(raw.expect).map((claim): OutageExpectation => {
      const words = renderOutageClaim(claim)
      return {
        caseName: nameCase(words),
        claim,
        words,
        question: outageQuestion(claim),
        source: scope.sourceOf([...path, 'expect', claim.kind]),
      }
    }),
  }
}

function claimsOf(raw: RawOutage['expect']): readonly OutageClaim[] {
  const gap = raw['longest-gap']
  const [atLeastMs, atMostMs] = [durationOf(gap?.['at-least']), durationOf(gap?.['at-most'])]
  const counts = (['gaps', 'lost', 'duplicated'] as const).flatMap((kind): OutageClaim[] => {
    const bounds = raw[kind]
    return bounds === undefined ? [] : [{ kind, bounds }]
  })
  return [
    ...(gap === undefined
      ? []
      : [
          {
            kind: 'longest-gap' as const,
            bounds: {
              ...(atLeastMs === undefined ? {} : { atLeastMs }),
              ...(atMostMs === undefined ? {} : { atMostMs }),
            },
          },
        ]),
    ...(raw.recovers === undefined ? [] : [{ kind: 'recovers' as const, recovers: raw.recovers }]),
    ...counts,
  ]
}

/** The address, and the nodes that may receive what is sent to it. */
function readReceivers(
  { to, at }: RawOutage['stream'],
  path: Path,
  topology: DeclaredTopology,
  scope: VariantContext,
): Pick<Outage, 'to' | 'at'> | undefined {
  const { nodes, nodeNames } = topology
  const named = nodes.find(({ name }) => name === to)
  const address = isIP(to) !== 0 ? to : named?.address
  if (address === undefined) {
    if (nodeNames.has(to)) {
      const hint = `add address: to node ${to}`
      scope.report([...path, 'to'], { message: `cannot send to "${to}": the lab gives no address for it`, hint })
    } else {
      scope.report([...path, 'to'], {
        message: `cannot send to "${to}": it is neither an IP address nor a node`,
        nearest: nearestWord(to, nodeNames),
      })
    }
    return undefined
  }
  if (at !== undefined) {
    const list = typeof at === 'string' ? [at] : at
    const areKnown = list.map((name, index) =>
      checkNode(name, typeof at === 'string' ? [...path, 'at'] : [...path, 'at', index], topology, scope),
    )
    return areKnown.every(Boolean) ? { to: address, at: list } : undefined
  }
  const owners = named ? [named] : nodes.filter((node) => node.address === address)
  const [owner, other] = owners
  if (owner === undefined || other !== undefined) {
    scope.report([...path, 'to'], {
      message: `cannot tell who receives at ${to}: ${owner === undefined ? 'no node declares' : 'several nodes declare'} this address`,
      hint: 'say at: with the nodes that may receive',
    })
    return undefined
  }
  return { to: address, at: [owner.name] }
}

function readDeed(raw: RawOutage['while'][number], path: Path, topology: DeclaredTopology, scope: VariantContext) {
  const { run, on, wait, ...event } = raw
  if (wait !== undefined) return { kind: 'wait', durationMs: durationOf(wait) ?? 0 } satisfies OutageDeed
  if (run === undefined || on === undefined) return readEvent(event, { path, topology, report: scope.report })
  if (!checkNode(on, [...path, 'on'], topology, scope)) return undefined
  return { kind: 'run', node: on, text: run } satisfies OutageDeed
}

function checkNode(name: string, path: Path, { nodeNames }: DeclaredTopology, { report }: VariantContext): boolean {
  if (nodeNames.has(name)) return true
  const known = [...nodeNames]
  report(path, {
    message: `cannot use "${name}": no node has this name`,
    nearest: nearestWord(name, known),
    hint: `the nodes are ${known.join(', ')}`,
  })
  return false
}

const durationOf = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text))
