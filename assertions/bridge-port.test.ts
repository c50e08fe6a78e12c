import test from 'ava'
import { bridgePort } from './bridge-port.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const parse = (wanted: object) => bridgePort.parameters.parse({ on: 'switch:port1', ...wanted })
const judge = (wanted: object, recording: string) => bridgePort.judge(parse(wanted), [recorded(recording)], world)

test("a port has its STP state and the bridge's other settings", (t) => {
  t.is(judge({ has: { state: 'forwarding', master: 'br0' } }, 'bridge-port/forwarding').verdict, 'passed')
  t.is(judge({ has: { state: 'listening' } }, 'bridge-port/listening').verdict, 'passed')
  t.deepEqual(judge({ has: { state: 'forwarding', hairpin: true } }, 'bridge-port/disabled'), {
    verdict: 'failed',
    found: 'switch:port1: state is "disabled", not "forwarding"; hairpin is false, not true',
  })
})

test('an interface that belongs to no bridge is no port', (t) => {
  t.is(judge({}, 'bridge-port/no-port').verdict, 'failed')
  t.is(judge({ is: 'absent' }, 'bridge-port/no-port').verdict, 'passed')
  t.is(judge({ is: 'absent' }, 'bridge-port/forwarding').verdict, 'failed')
  t.is(judge({}, 'bridge-port/forwarding').verdict, 'passed')
})

test('a missing interface makes presence false and leaves absence open', (t) => {
  t.is(judge({ has: { state: 'blocking' } }, 'bridge-port/no-device').verdict, 'failed')
  t.is(judge({ is: 'absent' }, 'bridge-port/no-device').verdict, 'inconclusive')
  t.is(judge({}, 'ping/no-namespace').verdict, 'inconclusive')
})

test('a claim reads as a sentence', (t) => {
  t.is(bridgePort.claim(parse({ has: { state: 'blocking' } })), 'switch:port1 is a port with state "blocking"')
  t.is(bridgePort.claim(parse({ is: 'absent' })), 'switch:port1 is no port of a bridge')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    bridgePort,
    { on: 'sw1:eth1' },
    {
      'Will sw1:eth1 be a port of a bridge?': [{}, { is: 'absent' }],
      'What will sw1:eth1 show as state?': [{ has: { state: 'blocking' } }, { has: { state: 'forwarding' } }],
      'What will sw1:eth1 show as state and hairpin?': [{ has: { state: 'forwarding', hairpin: true } }],
    },
  )
})
