import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { vlan } from './vlan.ts'

// The kernel on which the other fixtures were recorded has no VLAN filtering: this is the form of iproute2 6.1's
// bridge/vlan.c, to be replaced by a recording from a machine.
const members = {
  exitCode: 0,
  stdout: `[{"ifname":"eth1","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":10},{"vlan":20,"vlanEnd":29}]}]`,
  stderr: '',
  timedOut: false,
}
const world = { addresses: {} }
const parse = (wanted: object) => vlan.parameters.parse({ on: 'switch:eth1', vlan: 10, ...wanted })
const verdict = (wanted: object, answer = members) => vlan.judge(parse(wanted), [answer], world).verdict

test('a port is a member of a VLAN, tagged or untagged', (t) => {
  t.is(verdict({}), 'passed')
  t.is(verdict({ untagged: false, pvid: false }), 'passed')
  t.is(verdict({ untagged: true }), 'failed')
  t.is(verdict({ vlan: 1, untagged: true, pvid: true }), 'passed')
  t.is(verdict({ vlan: 25 }), 'passed')
  t.is(verdict({ vlan: 30 }), 'failed')
})

test('a port is no member of a VLAN', (t) => {
  t.is(verdict({ vlan: 30, is: 'absent' }), 'passed')
  t.is(verdict({ is: 'absent' }), 'failed')
})

test('a missing interface makes presence false and leaves absence open', (t) => {
  t.is(verdict({}, recorded('vlan/no-device')), 'failed')
  t.is(verdict({ is: 'absent' }, recorded('vlan/no-device')), 'inconclusive')
})

test('a claim reads as a sentence', (t) => {
  t.is(vlan.claim(parse({ untagged: false })), 'switch:eth1 is a member of VLAN 10, tagged')
  t.is(vlan.claim(parse({ is: 'absent' })), 'switch:eth1 is no member of VLAN 10')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    vlan,
    { on: 'sw1:port10', vlan: 10 },
    {
      'Will sw1:port10 be a member of VLAN 10?': [{}, { is: 'absent' }],
      'Will sw1:port10 be a member of VLAN 10, and if so, tagged or untagged?': [
        { untagged: true },
        { untagged: false },
        { untagged: true, is: 'absent' },
      ],
      'Will sw1:port10 be a member of VLAN 10, and if so, tagged or untagged and as its PVID or not?': [
        { untagged: true, pvid: true },
        { untagged: false, pvid: false },
      ],
    },
  )
})

test('VLAN IDs that IEEE 802.1Q reserves are refused', (t) => {
  for (const id of [0, 4095, 1.5, '10']) t.false(vlan.parameters.safeParse({ on: 'switch:eth1', vlan: id }).success)
})

test('what is no port of a bridge is no proof that it is no member', (t) => {
  const judge = (place: string) => vlan.judge(parse({ vlan: 30, is: 'absent' }), [members, recorded(place)], world)
  t.is(judge('link/container-eth0').verdict, 'inconclusive')
  t.is(judge('link/bridge').verdict, 'passed')
  t.is(judge('link/veth-port').verdict, 'passed')
  t.is(verdict({ vlan: 30, is: 'absent' }, { ...members, stdout: '[{"ifname":"eth1"}]' }), 'inconclusive')
})
