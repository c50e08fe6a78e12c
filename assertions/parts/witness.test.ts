import { execFileSync } from 'node:child_process'
import test from 'ava'
import { recorded } from '../fixtures/recorded.ts'
import { discardedPackets, withoutWitness, witnessed } from './witness.ts'

test('packets that the kernel discarded are counted by family', (t) => {
  const ipv4 = recorded('ping/dropped-at-output').stdout
  t.is(discardedPackets(ipv4, '10.0.3.78'), 3)
  t.is(discardedPackets(ipv4, '2001:db8::78'), 0)
  t.is(discardedPackets(recorded('ping/dropped-at-output-v6').stdout, '2001:db8::78'), 3)
  t.is(discardedPackets(recorded('ping/unanswered').stdout, '10.0.3.78'), 0)
  t.is(discardedPackets(recorded('ping/answered').stdout, '10.0.3.78'), 0)
})

test("the witness's lines are taken out of what the command printed", (t) => {
  t.is(withoutWitness(recorded('connect/udp-unanswered').stdout), '')
  t.regex(withoutWitness(recorded('ping/unanswered').stdout), /^PING /)
})

test("only TCP's own counter is looked at by a program, and only for TCP", (t) => {
  t.notRegex(witnessed('ping "$@"', { own: '10.0.3.1' }), /nstat/)
  t.regex(witnessed('socat', { tcp: true }), /nstat -asz TcpExtTCPRetransFail/)
})

test('a shell looks before and after, and what it sees is read', (t) => {
  const stdout = execFileSync('sh', ['-c', witnessed('echo between')], { encoding: 'utf8' })
  t.regex(
    stdout,
    /^Ip: Forwarding .* OutDiscards .*\nIp: \d.*\nIp6OutDiscards \d+\nbetween\nIp: F.*\nIp: \d.*\nIp6O.*\n$/,
  )
  t.is(withoutWitness(stdout), 'between\n')
  // Something else on this host may discard packets meanwhile.
  t.true(discardedPackets(stdout, '10.0.3.78') >= 0)
})
