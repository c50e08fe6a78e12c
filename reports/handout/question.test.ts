import test from 'ava'
import type { CaseFinished } from '../../runner/events.ts'
import { askAbout } from './question.ts'

const judged = (wanted: string, more: Partial<CaseFinished> = {}): CaseFinished => ({
  type: 'case-finished',
  at: 0,
  scope: 's',
  step: 0,
  case: 'c',
  assertion: 'any',
  outcome: 'passed',
  wanted,
  found: wanted,
  transcript: '',
  attempts: 1,
  durationMs: 1,
  file: 'lab.yaml',
  line: 1,
  ...more,
})

for (const [wanted, question] of Object.entries({
  'a1 cannot reach 10.0.0.12 with 1422 bytes unfragmented': 'Will a1 reach 10.0.0.12 with 1422 bytes unfragmented?',
  'ann reaches bob within 5 s': 'Will ann reach bob?',
  'at-bob holds at least 1 frames of "arp"': 'How many frames of "arp" will "at-bob" hold?',
  'switch:br0 has learned bob:eth0 behind port-b': 'Behind which port will switch:br0 know bob:eth0, if at all?',
  'switch:br0 does not know bob:eth0': 'Behind which port will switch:br0 know bob:eth0, if at all?',
  'switch:br0 has learned b:eth0 behind port2 in VLAN 10':
    'Behind which port will switch:br0 know b:eth0 in VLAN 10, if at all?',
  'hv2:ls5001 holds a1:eth0 behind vxlan5001 at 172.16.1.1':
    'Behind which port will hv2:ls5001 know a1:eth0, if at all?',
  'host:veth-c1 is absent': 'Will there be a host:veth-c1?',
  '"ifquery --state red" on host exits with 1': 'What will "ifquery --state red" on host print?',
  'server knows 10.0.0.10 as 02:00:00:00:00:10': 'As which MAC address will server know 10.0.0.10, if at all?',
  'host:blue does not have the address 10.0.3.1': 'Will host:blue have the address 10.0.3.1?',
  'in1 connects to outside port 8080/tcp, seen as 203.0.113.1':
    'What will happen when in1 connects to outside port 8080/tcp, and as whom is it seen?',
  'client is refused by 10.0.8.10 port 22/tcp': 'What will happen when client connects to 10.0.8.10 port 22/tcp?',
  'gateway does not track tcp from 192.168.50.11, seen as 203.0.113.1':
    'Will gateway track tcp from 192.168.50.11, and as what?',
  'sw1:port10 is a member of VLAN 10, untagged, as its PVID':
    'Will sw1:port10 be a member of VLAN 10, and tagged or not?',
  'BIRD on r2 has no route to 10.0.4.0/24': 'Which route to 10.0.4.0/24 will BIRD on r2 have, if any?',
  'r1 has a route to 10.0.4.0/24 via 10.0.12.2 dev eth1 in table 100 with protocol "bird"':
    'Which route to 10.0.4.0/24 will r1 have in table 100, if any?',
  "BIRD's r2 on r1 is up, Established": "In which state will BIRD's r2 on r1 be?",
  '"brctl show" on host prints what matches /port2/': 'What will "brctl show" on host print?',
  'ports printed what matches /port1/': 'What will "ports" have printed?',
  '"EtherType" on switch has counted 1 packet': 'How many packets will "EtherType" on switch have counted?',
  'bob sends to eve at 3.6 to 4.4 Mbit/s': 'How fast will bob send to eve?',
  'c1:eth0 has operstate "UP", mtu 1500, linkinfo.info_data.mode "vepa"':
    'What will c1:eth0 show as operstate, mtu, linkinfo.info_data.mode?',
  'host:lo has flags ["LOOPBACK","UP"]': 'What will host:lo show as flags?',
  'sw1:eth1 is a port with state "forwarding"': 'What will sw1:eth1 show as state?',
  'the longest gap is at least 1.9 s and at most 4.5 s': 'How long will the longest gap be?',
})) {
  test(`"${wanted}" is asked without its answer`, (t) => {
    t.is(askAbout(judged(wanted), '').question, question)
  })
}

test('a claim in words that nobody foresaw is asked as it is', (t) => {
  t.is(askAbout(judged('the moon is full'), '').question, 'How will you see whether this is so: the moon is full?')
})

test('what was found is told once when it says all that was wanted', (t) => {
  const wanted = 'at-bob holds 1 frame of "arp"'
  t.is(askAbout(judged(wanted, { found: `${wanted}, the first: x` }), '').answer, `${wanted}, the first: x.`)
  t.is(askAbout(judged('r reaches s', { found: '1 reply' }), '').answer, 'r reaches s. Seen: 1 reply.')
})

test('a table is called by its label unless that may be the claim', (t) => {
  const cell = { row: 'a', wanted: 'reachable', found: 'reachable', verdict: 'passed' } as const
  const cells = ['b', 'c'].map((column) => ({ ...cell, column }))
  const ask = (label: string) =>
    askAbout(judged('a reaches b, c', { cells, assertion: 'reachability' }), label).question
  t.is(ask('the siblings'), 'Who will reach whom (the siblings)? Fill in the table.')
  for (const label of ['', 'reachability', 'a reaches b, c', 'all pairs: reachable'])
    t.is(ask(label), 'Who will reach whom? Fill in the table.')
})
