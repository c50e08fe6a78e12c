import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { learnedMac } from './learned-mac.ts'

const world = { addresses: {} }
const learned = { bridge: 'host:bridge0', of: 'container:eth0', behind: 'veth0', is: 'learned' } as const
const absent = { bridge: 'host:bridge0', of: 'container:eth0', is: 'absent' } as const
const eth0 = recorded('link/container-eth0')

test('a bridge has learned a station that has sent', (t) => {
  const answers = [recorded('fdb/learned'), eth0]
  t.deepEqual(learnedMac.judge(learned, answers, world), {
    verdict: 'passed',
    found: 'host:bridge0 has container:eth0 (02:00:00:00:00:01) behind veth0 (learned)',
  })
  t.is(learnedMac.judge({ ...learned, behind: 'veth1' }, answers, world).verdict, 'failed')
  t.is(learnedMac.judge({ ...learned, vlan: 10 }, answers, world).verdict, 'failed')
  t.is(learnedMac.judge(absent, answers, world).verdict, 'failed')
})

test('a bridge does not know a station that has not sent', (t) => {
  const answers = [recorded('fdb/absent'), eth0]
  t.is(learnedMac.judge(learned, answers, world).verdict, 'failed')
  t.deepEqual(learnedMac.judge(absent, answers, world), {
    verdict: 'passed',
    found: 'host:bridge0 does not know container:eth0 (02:00:00:00:00:01)',
  })
})

test("a port's own address is not learned", (t) => {
  const own = { ...learned, of: '02:00:00:00:00:02' }
  t.is(learnedMac.judge(own, [recorded('fdb/learned')], world).verdict, 'failed')
  t.is(learnedMac.judge({ ...own, is: 'static' }, [recorded('fdb/learned')], world).verdict, 'passed')
})

test('a MAC address stands for itself, in any case of its letters', (t) => {
  const mac = { ...learned, of: '02:00:00:00:00:01'.toUpperCase() }
  t.is(learnedMac.probe(mac, world).length, 1)
  t.is(learnedMac.judge(mac, [recorded('fdb/learned')], world).verdict, 'passed')
})

test('a missing bridge or station makes presence false and leaves absence open', (t) => {
  const noBridge = [recorded('fdb/no-bridge'), eth0]
  t.deepEqual(learnedMac.judge(learned, noBridge, world), {
    verdict: 'failed',
    found: 'host:bridge0: there is no device bridge0',
  })
  t.is(learnedMac.judge(absent, noBridge, world).verdict, 'inconclusive')
  const noStation = [recorded('fdb/learned'), recorded('link/absent')]
  t.is(learnedMac.judge(learned, noStation, world).verdict, 'failed')
  t.is(learnedMac.judge(absent, noStation, world).verdict, 'inconclusive')
})

test('a missing namespace leaves both open', (t) => {
  const answers = [recorded('fdb/learned'), recorded('ping/no-namespace')]
  t.is(learnedMac.judge(learned, answers, world).verdict, 'inconclusive')
  t.is(learnedMac.judge(absent, answers, world).verdict, 'inconclusive')
})

test('the bridge is asked on its node and the address on the other', (t) => {
  t.deepEqual(
    learnedMac.probe(learned, world).map((probe) => probe.kind === 'command' && [probe.node, probe.argv.join(' ')]),
    [
      ['host', 'bridge -j fdb show br bridge0'],
      ['container', 'ip -j link show dev eth0'],
    ],
  )
  t.deepEqual(
    learnedMac.references(learned).map(({ name }) => name),
    ['host', 'container'],
  )
})

test('a claim reads as a sentence', (t) => {
  t.is(learnedMac.claim(learned), 'host:bridge0 has learned container:eth0 behind veth0')
  t.is(learnedMac.claim({ ...absent, vlan: 10 }), 'host:bridge0 does not know container:eth0 in VLAN 10')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    learnedMac,
    { bridge: 'switch:br0', of: 'bob:eth0' },
    {
      'Behind which port will switch:br0 know bob:eth0, if at all?': [
        {},
        { behind: 'port-b' },
        { behind: 'port-b', is: 'static' },
        { is: 'absent' },
        { behind: 'port-b', is: 'absent' },
      ],
      'Behind which port will switch:br0 know bob:eth0 in VLAN 10, if at all?': [
        { behind: 'port-b', vlan: 10 },
        { vlan: 10, is: 'absent' },
      ],
      'Behind which port and at which VXLAN peer will switch:br0 know bob:eth0, if at all?': [
        { behind: 'vxlan5001', remote: '172.16.1.1' },
        { behind: 'vxlan5001', remote: '172.16.1.2', is: 'static' },
      ],
      'At which VXLAN peer will switch:br0 know bob:eth0, if at all?': [
        { remote: '172.16.1.1' },
        { remote: '172.16.1.1', is: 'absent' },
      ],
    },
  )
})

test('learned is what is meant when nothing is said', (t) => {
  t.like(learnedMac.parameters.parse({ bridge: 'host:bridge0', of: 'container:eth0' }), { is: 'learned' })
  t.false(learnedMac.parameters.safeParse({ bridge: 'bridge0', of: 'container:eth0' }).success)
  t.false(learnedMac.parameters.safeParse({ bridge: 'host:bridge0', of: 'container:-eth0' }).success)
})

test('what is no bridge, and a port that is not there, prove no absence', (t) => {
  const judge = (wanted: object, ...places: string[]) =>
    learnedMac.judge(
      { ...absent, ...wanted },
      [recorded('fdb/absent'), eth0, ...places.map((name) => recorded(name))],
      world,
    )
  t.is(judge({}, 'link/bridge').verdict, 'passed')
  t.is(judge({}, 'link/container-eth0').found, 'host:bridge0 is no bridge')
  t.is(judge({ behind: 'veth0' }, 'link/bridge', 'link/absent').verdict, 'inconclusive')
  t.is(judge({ behind: 'veth0' }, 'link/bridge', 'link/veth-port').verdict, 'passed')
})
