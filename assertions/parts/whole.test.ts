import test from 'ava'
import type { Answer } from '../assertion.ts'
import { recorded } from '../fixtures/recorded.ts'
import { assertions } from '../index.ts'

// What each kind of claim says of an answer that proves it when it is whole, and of its beginning.

const world = { addresses: { b: '10.0.0.2' } }
const json = (value: unknown): Answer => answer(JSON.stringify(value))
const answer = (stdout: string, more: Partial<Answer> = {}): Answer => ({
  ...{ exitCode: 0, stdout, stderr: '', timedOut: false },
  ...more,
})

/** By the name of the assertion: claims, and an answer of which each is true. */
const truths: Readonly<Record<string, readonly (readonly [object, Answer])[]>> = {
  address: [
    [{ on: 'a:eth1', has: '10.0.0.1' }, json([{ addr_info: [{ local: '10.0.0.1', prefixlen: 24 }] }])],
    [{ on: 'a:eth1', has: '10.0.0.1', is: 'absent' }, json([{ addr_info: [] }])],
  ],
  'bird-protocol': [[{ on: 'a', protocol: 'core' }, recorded('bird/protocol-up')]],
  'bird-route': [[{ on: 'a', to: '10.0.4.0/24', is: 'absent' }, recorded('bird/no-route')]],
  'bridge-port': [[{ on: 'a:eth1', is: 'absent' }, json([])]],
  connect: [[{ from: 'a', to: 'b', port: 80, is: 'accepted' }, recorded('connect/tcp-accepted')]],
  conntrack: [[{ on: 'a', protocol: 'tcp', from: '10.9.9.9', is: 'absent' }, recorded('conntrack/none')]],
  counter: [[{ on: 'a', of: 'pings', count: 3 }, recorded('counter/three')]],
  dns: [[{ from: 'a', server: '10.0.6.53', name: 'www.lab', is: 'unanswered' }, recorded('dns/silent')]],
  frames: [[{ in: 'c', filter: 'arp', 'at-most': 1 }, answer('', { frames: 1 })]],
  'frr-route': [[{ on: 'a', to: '10.0.7.0/24', is: 'absent' }, recorded('frr/no-route')]],
  http: [[{ from: 'a', url: 'http://10.0.7.10/', is: 'unanswered' }, recorded('http/unanswered')]],
  'kernel-counter': [[{ on: 'a', of: 'IpOutRequests', count: 0 }, recorded('kernel-counter/one')]],
  'learned-mac': [[{ bridge: 'a:br0', of: '02:00:00:00:00:09', is: 'absent' }, json([])]],
  link: [[{ on: 'a:eth1' }, json([{ ifname: 'eth1' }])]],
  'mdb-entry': [[{ bridge: 'a:br0', group: '239.1.1.1', is: 'absent' }, recorded('mdb/none')]],
  neighbour: [[{ on: 'a', of: '10.0.0.9', is: 'absent' }, json([])]],
  'ospf-neighbour': [[{ on: 'a', of: '10.0.1.2', is: 'absent' }, recorded('bird/no-neighbours')]],
  output: [
    [{ on: 'a', command: 'x', lacks: 'FAIL' }, answer('ok\n')],
    [{ on: 'a', command: 'x', equals: 'ok' }, answer('ok\n')],
    [{ on: 'a', command: 'x', matches: '^ok$' }, answer('ok\n')],
    [{ on: 'a', command: 'x', json: { a: 1 } }, json({ a: 1 })],
  ],
  ping: [[{ from: 'a', to: 'b', is: 'reachable' }, recorded('ping/answered')]],
  printed: [
    [{ by: 'p', lacks: 'FAIL' }, answer('ok\n', { exitCode: -1 })],
    [{ by: 'p', contains: 'ok', count: 2 }, answer('ok\nok\nbye\n')],
    [{ by: 'p', contains: 'ok', 'at-most': 2 }, answer('ok\nok\nbye\n')],
    [{ by: 'p', matches: '^ok$' }, answer('ok')],
  ],
  reachability: [[{ a: { b: 'reachable' } }, recorded('ping/answered')]],
  route: [[{ on: 'a', to: '10.9.0.0/16', is: 'absent' }, json([])]],
  'transfer-rate': [[{ from: 'a', to: 'b', 'at-least': 0.1 }, recorded('transfer-rate/shaped')]],
  vlan: [[{ on: 'a:eth1', vlan: 10, is: 'absent' }, json([{ vlans: [] }])]],
}

const verdictOf = (name: string, wanted: object, given: Answer) => {
  const assertion = assertions[name]
  return assertion?.judge(assertion.parameters.parse(wanted), [given], world).verdict
}

test('every assertion is tried with half an answer', (t) => {
  t.deepEqual(Object.keys(truths), Object.keys(assertions))
})

for (const [name, claims] of Object.entries(truths)) {
  test(`no ${name} passes by half an answer`, (t) => {
    for (const [wanted, whole] of claims) {
      const half: Answer = name === 'frames' ? { ...whole, dropped: 1 } : { ...whole, cut: true }
      t.is(verdictOf(name, wanted, whole), 'passed', JSON.stringify(wanted))
      t.is(verdictOf(name, wanted, half), 'inconclusive', JSON.stringify(wanted))
    }
  })
}

test('what the beginning of a text proves, stands', (t) => {
  const half = answer('ok 1\nFAIL 2\nok 3\nok', { cut: true })
  const output = (wanted: object) => verdictOf('output', { on: 'a', command: 'x', ...wanted }, half)
  t.is(output({ contains: 'FAIL' }), 'passed')
  t.is(output({ matches: '^FAIL \\d$' }), 'passed')
  t.is(output({ lacks: 'FAIL' }), 'failed')
  t.is(output({ 'exit-code': 0 }), 'passed')
  t.is(output({ 'exit-code': 1 }), 'failed')
  t.is(output({ contains: 'FAIL', lacks: 'panic' }), 'inconclusive')
  t.is(output({ contains: 'panic' }), 'inconclusive')
  const printed = (wanted: object) => verdictOf('printed', { by: 'p', ...wanted }, half)
  t.is(printed({ contains: 'FAIL' }), 'passed')
  t.is(printed({ lacks: 'FAIL' }), 'failed')
  t.is(printed({ matches: '^ok', 'at-least': 2 }), 'passed')
  t.is(printed({ matches: '^ok', 'at-least': 3 }), 'inconclusive')
  t.is(printed({ matches: '^ok', 'at-most': 1 }), 'failed')
  t.is(printed({ contains: 'panic' }), 'inconclusive')
})
