import test from 'ava'
import { address } from './address.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const judge = (wanted: object, recording = 'address/bridge') =>
  address.judge(address.parameters.parse({ on: 'host:bridge0', ...wanted }), [recorded(recording)], world)

test('an address is found with or without its prefix length', (t) => {
  t.is(judge({ has: '10.0.3.1/24' }).verdict, 'passed')
  t.is(judge({ has: '10.0.3.1' }).verdict, 'passed')
  t.is(judge({ has: '10.0.3.1/16' }).verdict, 'failed')
  t.is(judge({ has: '10.0.3.2/24' }).verdict, 'failed')
})

test('an IPv6 address is the same however it is written', (t) => {
  t.is(judge({ has: '2001:DB8:0::1/64' }).verdict, 'passed')
  t.is(judge({ has: '2001:db8::2/64' }).verdict, 'failed')
})

test('an absent address is one that the interface does not have', (t) => {
  t.is(judge({ has: '10.0.3.2', is: 'absent' }).verdict, 'passed')
  t.is(judge({ has: '10.0.3.1', is: 'absent' }).verdict, 'failed')
})

test('a missing interface makes presence false and leaves absence open', (t) => {
  t.is(judge({ has: '10.0.3.1' }, 'address/no-device').verdict, 'failed')
  t.is(judge({ has: '10.0.3.1', is: 'absent' }, 'address/no-device').verdict, 'inconclusive')
  t.is(judge({ has: '10.0.3.1' }, 'ping/no-namespace').verdict, 'inconclusive')
})

test('what is no address is refused', (t) => {
  for (const has of ['10.0.3.1/33', '10.0.3/24', 'fe80::1/129', '10.0.3.1/', '10.0.3.1/24/8', 'any']) {
    t.false(address.parameters.safeParse({ on: 'host:bridge0', has }).success, has)
  }
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    address,
    { on: 'host:blue' },
    {
      'Will host:blue have the address 10.0.3.1/24?': [{ has: '10.0.3.1/24' }, { has: '10.0.3.1/24', is: 'absent' }],
    },
  )
})

test('a list without the interface, or without addresses, tells nothing', (t) => {
  const wanted = address.parameters.parse({ on: 'host:eth0', has: '10.0.3.1', is: 'absent' })
  for (const stdout of ['', '[]', '[{}]', '[{"ifname":"eth0"}]', '[{"addr_info":[{"address":"10.0.3.1"}]}]']) {
    const answer = { exitCode: 0, stdout, stderr: '', timedOut: false }
    t.is(address.judge(wanted, [answer], { addresses: {} }).verdict, 'inconclusive', stdout)
  }
})
