import { renderImpairment, type WordedEvent } from '../../event-values.ts'
import type { LabEvent } from '../../lab/lab.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import type { Testbed } from '../../providers/provider.ts'
import type { ScopeContext } from '../scope-context.ts'
import type { Impairments } from './impairments.ts'

/** When an event of a lab took effect, by the host's clock in milliseconds since 1970. */
export interface Happened extends WordedEvent {
  readonly beganMs: number
  readonly endedMs: number
}

/** Makes an event of a lab happen, and emits it. @throws WirelabError of kind machinery when that fails */
export async function makeHappen(
  event: LabEvent,
  step: number,
  { testbed, emit }: Pick<ScopeContext, 'testbed' | 'emit'>,
  impairments: Impairments,
): Promise<Happened> {
  const beganMs = hostTimeMs()
  await happen(event, testbed, impairments)
  const endedMs = hostTimeMs()
  const happened = { ...withWords(event), beganMs, endedMs }
  emit({ type: 'event-happened', step, ...happened })
  return happened
}

async function happen(event: LabEvent, testbed: Testbed, impairments: Impairments): Promise<void> {
  if (event.kind === 'link') return testbed.setLink(event)
  if (event.kind === 'impair') return impairments.set(event.endpoint, event.impairment)
  if (event.kind === 'nic') {
    await testbed.setNic(event)
    return event.state === 'plugged' ? impairments.renew(renderEndpoint(event.endpoint)) : undefined
  }
  const isUp = event.state === 'running'
  await testbed.setMachine(event)
  // Of a machine that only stood still this changes nothing.
  if (isUp) await impairments.renew(`${event.node}:`)
}

/** Why a provider cannot make some of these events happen; undefined when it can. */
export const whyUnsupported = (events: readonly LabEvent[], testbed: Testbed): string | undefined =>
  events.map((event) => testbed.unsupported(event)).find((reason) => reason !== undefined)

/** An event with its words. */
export const withWords = (event: LabEvent): WordedEvent => ({ event, words: renderLabEvent(event) })

/** An event in words: "link r1:eth1 down". */
function renderLabEvent(event: LabEvent): string {
  switch (event.kind) {
    case 'link':
      return `link ${renderEndpoint(event.endpoint)} ${event.state}${event.direction === 'both' ? '' : ` (${event.direction})`}`
    case 'machine':
      return `machine ${event.node} ${event.state}`
    case 'nic':
      return `NIC ${renderEndpoint(event.endpoint)} ${event.state}`
    case 'impair':
      return `frames out of ${renderEndpoint(event.endpoint)}: ${renderImpairment(event.impairment)}`
  }
}

/** The host's clock, finer than a millisecond, and with no step back in a run. */
export const hostTimeMs = (): number => performance.timeOrigin + performance.now()
