import { isIP } from 'node:net'
import { type OutageClaim, outageQuestion, renderOutageClaim } from '../../../assertions/outage/outage.ts'
import type { Expectation } from '../../lab/lab.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { parseDuration } from '../../lab/text/duration.ts'
import { listNames } from '../../lab/text/list-names.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { ActionReading, ReadAction } from '../actions/action.ts'
import { readEvent } from '../events/index.ts'
import type { Meanwhile, Outage, OutageCase, Request } from './outage.ts'
import type { outageSchema } from './outage-schema.ts'

type RawOutage = typeof outageSchema._output

/** How often something is sent, and the shortest time between. */
const pace = { stream: { defaultMs: 10, leastMs: 1 }, requests: { defaultMs: 100, leastMs: 10 } }
const defaultWithinMs = 10_000
const defaultForMs = 1000

/** Makes an outage of a step's, with what is claimed of it; undefined after a mistake in it is reported. */
export function readOutage(
  raw: RawOutage,
  reading: ActionReading,
): ReadAction<Outage, OutageCase | Expectation> | undefined {
  const { stream, requests, within, for: lasting } = raw
  const path = [...reading.path, 'outage']
  const sent = stream ?? requests
  if (sent === undefined) return undefined
  const key = stream === undefined ? 'requests' : 'stream'
  const sentPath = [...path, key]
  const { defaultMs, leastMs } = pace[key]
  const everyMs = durationOf(sent.every) ?? defaultMs
  if (everyMs < leastMs || everyMs > 1000) {
    const message = `cannot send every ${sent.every}: expected a time from ${leastMs}ms to 1s`
    reading.context.report([...sentPath, 'every'], { message })
  }
  if (requests !== undefined && raw.expect.duplicated !== undefined) {
    const message = 'cannot count what is duplicated: a request has one answer'
    reading.context.report([...path, 'expect', 'duplicated'], { message, atKey: true })
  }
  const isFromKnown = checkNode(sent.from, [...sentPath, 'from'], reading)
  const receivers = stream ? readReceivers(stream, sentPath, reading) : readServer(sent.to, sentPath, reading)
  const claimed: Expectation[] = []
  const meanwhile = raw.while.flatMap((item, index) => {
    const at = [...path, 'while', index]
    if (item.expect === undefined) return readMeanwhile(item, at, reading) ?? []
    const expectations = reading.readExpectations(item.expect, [...at, 'expect'])
    return expectations.map((each) => ({ kind: 'expect' as const, at: claimed.push(each) - 1 }))
  })
  if (!isFromKnown || receivers === undefined) return undefined
  const value = {
    from: sent.from,
    ...(requests === undefined ? {} : { request: requestOf(requests) }),
    ...receivers,
    everyMs,
    while: meanwhile,
    withinMs: durationOf(within) ?? defaultWithinMs,
    forMs: durationOf(lasting) ?? defaultForMs,
  }
  const subject = stream === undefined ? 'service' : 'stream'
  const cases = claimsOf(raw.expect).map((figure): OutageCase => {
    const claim = renderOutageClaim(figure, subject)
    const source = reading.context.sourceOf([...path, 'expect', figure.kind])
    const question = outageQuestion(figure, subject)
    return { caseName: reading.nameCase(claim), claim, assertion: 'outage', wanted: claim, question, source, figure }
  })
  return { value, cases: [...claimed, ...cases] }
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

function requestOf({ tcp, http, dns, port }: NonNullable<RawOutage['requests']>): Request {
  if (tcp !== undefined) return { kind: 'tcp', port: tcp, wanted: '' }
  return http === undefined
    ? { kind: 'dns', port: port ?? 53, wanted: dns ?? '' }
    : { kind: 'http', port: port ?? 80, wanted: http }
}

/** The address of a server; it needs nobody there to receive. */
function readServer(to: string, path: Path, reading: ActionReading): Pick<Outage, 'to' | 'at'> | undefined {
  const address = readAddress(to, path, reading)
  return address === undefined ? undefined : { to: address, at: [] }
}

function readAddress(to: string, path: Path, { topology, context: { report } }: ActionReading): string | undefined {
  const { byName, nodeNames } = topology
  const address = isIP(to) !== 0 ? to : byName.get(to)?.address
  if (address !== undefined) return address
  if (byName.has(to)) {
    const hint = `add address: to node ${to}`
    report([...path, 'to'], { message: `cannot send to "${to}": the lab gives no address for it`, hint })
  } else if (!nodeNames.has(to)) {
    report([...path, 'to'], {
      message: `cannot send to "${to}": it is neither an IP address nor a node`,
      nearest: () => nearestWord(to, nodeNames),
    })
  }
  return undefined
}

/** The address, and the nodes that may receive what is sent to it. */
function readReceivers(
  { to, at }: NonNullable<RawOutage['stream']>,
  path: Path,
  reading: ActionReading,
): Pick<Outage, 'to' | 'at'> | undefined {
  const { nodes, byName } = reading.topology
  const { report } = reading.context
  const named = byName.get(to)
  const address = readAddress(to, path, reading)
  if (address === undefined) return undefined
  if (at !== undefined) {
    const list = typeof at === 'string' ? [at] : at
    const areKnown = list.map((name, index) =>
      checkNode(name, typeof at === 'string' ? [...path, 'at'] : [...path, 'at', index], reading),
    )
    return areKnown.every(Boolean) ? { to: address, at: list } : undefined
  }
  const owner = named ?? nodes.find((node) => node.address === address)
  if (owner === undefined) {
    report([...path, 'to'], {
      message: `cannot tell who receives at ${to}: no node declares this address`,
      hint: 'say at: with the nodes that may receive',
    })
    return undefined
  }
  return { to: address, at: [owner.name] }
}

function readMeanwhile(raw: RawOutage['while'][number], path: Path, reading: ActionReading): Meanwhile | undefined {
  const { run, on, wait } = raw
  if (wait !== undefined) return { kind: 'wait', durationMs: durationOf(wait) ?? 0 }
  if (run === undefined || on === undefined) {
    return readEvent(raw, { path, topology: reading.topology, report: reading.context.report })
  }
  return checkNode(on, [...path, 'on'], reading) ? { kind: 'run', node: on, text: run } : undefined
}

function checkNode(name: string, path: Path, { topology: { nodeNames }, context: { report } }: ActionReading): boolean {
  if (nodeNames.has(name)) return true
  report(path, {
    message: `cannot use "${name}": no node has this name`,
    nearest: () => nearestWord(name, nodeNames),
    hint: () => `the nodes are ${listNames(nodeNames)}`,
  })
  return false
}

const durationOf = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text))
