import test from 'ava'
import { eventsOf } from '../steps/actions/index.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../testing/test-labs.ts'
import type { Variant } from './lab.ts'

const links = 'links: [{ endpoints: ["host:eth1", "peer:eth1"] }]'
const text = (event: string) => withSteps(`  - { name: a, events: [${event}] }\n`, links)
const eventsOfFirst = (variant: Variant | undefined) => variant?.steps.slice(0, 1).flatMap(eventsOf)
const only = (event: string) => mistakesOf(text(event))

test('events are read with their defaults', (t) => {
  const lab = labOf(
    text(
      '{ link: { endpoint: "host:eth1", state: silent } }, { impair: { endpoint: "peer:eth1", delay: 10ms, loss: 0.5% } }',
    ),
  )
  t.deepEqual(eventsOfFirst(lab.variants[0]), [
    { kind: 'link', endpoint: { node: 'host', nic: 'eth1' }, state: 'silent', direction: 'both' },
    { kind: 'impair', endpoint: { node: 'peer', nic: 'eth1' }, impairment: { delayMs: 10, lossPercent: 0.5 } },
  ])
})

test('a cable fails only where one ends', (t) => {
  const [mistake] = diagnosticsOf(text('{ link: { endpoint: "host:eth2", state: down } }'))
  t.is(mistake?.message, 'cannot do this at host:eth2: no link ends there')
  t.is(mistake?.nearest, 'host:eth1')
  t.regex(only('{ nic: { endpoint: "hots:eth1", state: plugged } }')[0] ?? '', /no link ends there/)
  t.regex(only('{ impair: { endpoint: "host:lo", delay: 1ms } }')[0] ?? '', /no link ends there/)
})

test('a machine fails, not a namespace', (t) => {
  const inside = 'links: []'
  const lab = withSteps('  - { name: a, events: [{ machine: { node: inside, state: crashed } }] }\n', inside)
  const [mistake] = diagnosticsOf(lab.replace('  host: {}', '  host: {}\n  inside: { namespace-of: host }'))
  t.is(mistake?.message, 'cannot do this to "inside": it is a namespace, not a machine')
  t.regex(only('{ machine: { node: hots, state: crashed } }')[0] ?? '', /no node has this name/)
})

test('an event is one thing, in a state that there is', (t) => {
  t.regex(only('{}')[0] ?? '', /expected one of link, machine, nic, impair/)
  t.regex(only('{ lnk: { endpoint: "host:eth1", state: down } }')[0] ?? '', /cannot use key "lnk"/)
  t.regex(only('{ link: { endpoint: "host:eth1", state: cut } }')[0] ?? '', /expected up, down or silent/)
  t.regex(only('{ machine: { node: host, state: dead } }')[0] ?? '', /expected crashed, stopped, frozen or running/)
})

test('a direction belongs to silence, a jitter to a delay', (t) => {
  t.regex(only('{ link: { endpoint: "host:eth1", state: down, direction: in } }')[0] ?? '', /state: silent/)
  t.regex(only('{ impair: { endpoint: "host:eth1", jitter: 1ms } }')[0] ?? '', /expected a delay beside jitter/)
})

test('an impairment is written as tc writes it', (t) => {
  t.regex(only('{ impair: { endpoint: "host:eth1", loss: 5 } }')[0] ?? '', /such as "1%"/)
  t.regex(only('{ impair: { endpoint: "host:eth1", loss: "101%" } }')[0] ?? '', /such as "1%"/)
  t.regex(only('{ impair: { endpoint: "host:eth1", rate: 10Mb } }')[0] ?? '', /such as 10mbit/)
})

test('a NIC that is unplugged at first is an end of the link', (t) => {
  const of = (unplugged: string) =>
    mistakesOf(
      withSteps('  - { name: a, on: host, run: x }\n', links.replace('}]', `, unplugged: ["${unplugged}"] }]`)),
    )
  t.deepEqual(of('peer:eth1'), [])
  t.regex(of('peer:eth2')[0] ?? '', /cannot leave unplugged peer:eth2: it is no end of this link/)
})

test('a link that is impaired says how', (t) => {
  const of = (impairment: string) =>
    mistakesOf(withSteps('  - { name: a, on: host, run: x }\n', links.replace('}]', `, impairment: ${impairment} }]`)))
  t.deepEqual(of('{ delay: 10ms, jitter: 2ms }'), [])
  t.regex(of('{}')[0] ?? '', /expected one of delay, jitter, loss, rate/)
})

test('without a step, its events do not happen', (t) => {
  const lab = labOf(
    withSteps(
      `  - { name: a, id: cut, events: [{ link: { endpoint: "host:eth1", state: down } }], expect: [{ ping: { from: host, to: peer, is: unreachable } }] }
mutations:
  - { name: nobody cuts, without: cut, caught-by: [cut] }
`,
      links,
    ),
  )
  t.deepEqual(eventsOfFirst(lab.mutations[0]?.trials[0]?.variant), [])
})
