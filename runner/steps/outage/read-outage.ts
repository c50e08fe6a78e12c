import { isIP } from 'node:net'
import { type OutageClaim, outageQuestion, renderOutageClaim } from '../../../assertions/outage/outage.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { parseDuration } from '../../lab/text/duration.ts'
import { listNames } from '../../lab/text/list-names.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { ActionReading, ReadAction } from '../actions/action.ts'
import { readEvent } from '../events/index.ts'
import type { Meanwhile, Outage, OutageCase } from './outage.ts'
import type { outageSchema } from './outage-schema.ts'

type RawOutage = typeof outageSchema._output

const defaultEveryMs = 10
const defaultWithinMs = 10_000
const defaultForMs = 1000

/** Makes an outage of a step's, with what is claimed of it; undefined after a mistake in it is reported. */
export function readOutage(raw: RawOutage, reading: ActionReading): ReadAction<Outage, OutageCase> | undefined {
  const { stream, within, for: lasting } = raw
  const path = [...reading.path, 'outage']
  const everyMs = durationOf(stream.every) ?? defaultEveryMs
  if (everyMs < 1 || everyMs > 1000) {
    const message = `cannot send every ${stream.every}: expected a time from 1ms to 1s`
    reading.context.report([...path, 'stream', 'every'], { message })
  }
  const isFromKnown = checkNode(stream.from, [...path, 'stream', 'from'], reading)
  const receivers = readReceivers(stream, [...path, 'stream'], reading)
  const meanwhile = raw.while.map((item, index) => readMeanwhile(item, [...path, 'while', index], reading))
  if (!isFromKnown || receivers === undefined) return undefined
  const value = {
    from: stream.from,
    ...receivers,
    everyMs,
    while: meanwhile.flatMap((item) => (item === undefined ? [] : [item])),
    withinMs: durationOf(within) ?? defaultWithinMs,
    forMs: durationOf(lasting) ?? defaultForMs,
  }
  const cases = claimsOf(raw.expect).map((figure): OutageCase => {
    const claim = renderOutageClaim(figure)
    const source = reading.context.sourceOf([...path, 'expect', figure.kind])
    const question = outageQuestion(figure)
    return { caseName: reading.nameCase(claim), claim, assertion: 'outage', wanted: claim, question, source, figure }
  })
  return { value, cases }
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
  reading: ActionReading,
): Pick<Outage, 'to' | 'at'> | undefined {
  const { nodes, byName, nodeNames } = reading.topology
  const { report } = reading.context
  const named = byName.get(to)
  const address = isIP(to) !== 0 ? to : named?.address
  if (address === undefined) {
    if (nodeNames.has(to)) {
      const hint = `add address: to node ${to}`
      report([...path, 'to'], { message: `cannot send to "${to}": the lab gives no address for it`, hint })
    } else {
      report([...path, 'to'], {
        message: `cannot send to "${to}": it is neither an IP address nor a node`,
        nearest: () => nearestWord(to, nodeNames),
      })
    }
    return undefined
  }
  if (at !== undefined) {
    const list = typeof at === 'string' ? [at] : at
    const areKnown = list.map((name, index) =>
      checkNode(name, typeof at === 'string' ? [...path, 'at'] : [...path, 'at', index], reading),
    )
    return areKnown.every(Boolean) ? { to: address, at: list } : undefined
  }
  const owners = named ? [named] : nodes.filter((node) => node.address === address)
  const [owner, other] = owners
  if (owner === undefined || other !== undefined) {
    report([...path, 'to'], {
      message: `cannot tell who receives at ${to}: ${owner === undefined ? 'no node declares' : 'several nodes declare'} this address`,
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
