import { spawnSync } from 'node:child_process'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

const only = (step: string) => mistakesOf(withSteps(`  - { name: a, ${step} }\n`))

test('commands that no shell can read are told with the place and the line in them', (t) => {
  t.deepEqual(only('on: host, run: "true\\nif true; then echo"'), [
    '8:32 cannot run these commands: line 3: syntax error: unexpected end of file',
  ])
  t.regex(only('on: host, start: { id: p, run: "done" }')[0] ?? '', /^8:\d+ cannot run .* near unexpected token `done'/)
  const text = withSteps('  - { name: a, expect: [{ output: { on: host, command: "echo (", equals: x } }] }\n')
  const { diagnostics = [] } = loadLab(writeFolder({ 'lab.yaml': text }), assertions)
  t.regex(diagnostics[0]?.message ?? '', /cannot run these commands: line 1: syntax error/)
  t.is(diagnostics[0]?.place?.line, 8)
})

test('one script cannot end what another began, and each that is wrong is told', (t) => {
  const two = (one: string, other: string) =>
    mistakesOf(
      withSteps(
        `  - { name: a, on: host, run: ${JSON.stringify(one)} }\n  - { name: b, on: host, run: ${JSON.stringify(other)} }`,
      ),
    )
  t.is(two('if true; then', 'fi').length, 2)
  t.is(two('cat <<END', 'fi').length, 1)
  t.deepEqual(two('cat <<END\nx\nEND', 'shopt -s extglob\nls !(a)\n# done'), [])
})

test('what only looks like a command is run by nobody', (t) => {
  t.deepEqual(only('on: host, run: "exit 3; }; touch /tmp/never; {"').length, 1)
})

test('a pcap filter that means nothing is told, where the host has a tcpdump to ask', (t) => {
  const mistakesIn = (filter: string) => {
    const claim = `{ frames: { in: c, filter: ${JSON.stringify(filter)}, count: 1 } }`
    const step = `{ name: a, on: host, run: x, capture: { c: { nic: "host:eth1" } }, expect: [${claim}] }`
    const text = withSteps(`  - ${step}\n`)
    const { diagnostics = [] } = loadLab(writeFolder({ 'lab.yaml': text }), assertions)
    return diagnostics.map(({ message }) => message)
  }
  t.deepEqual(mistakesIn('icmp[icmptype] == icmp-echo and src host 10.0.3.15'), [])
  const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0
  const wanted = ["cannot use this filter: can't parse filter expression: syntax error"]
  t.deepEqual(mistakesIn('icmp andd src'), hasTcpdump ? wanted : [])
})

test('a copied script whose lines end in CR LF is refused', (t) => {
  const step = withSteps('  - { name: a, on: host, copy: { /run/x: x.sh }, run: /run/x }')
  t.regex(mistakesOf(step, { 'x.sh': '#!/bin/sh\r\necho\r\n' })[0] ?? '', /8:\d+ cannot copy "x.sh": .* CR LF/)
  t.deepEqual(mistakesOf(step, { 'x.sh': '#!/bin/sh\necho\n' }), [])
  t.deepEqual(mistakesOf(step, { 'x.sh': 'GET / HTTP/1.0\r\n\r\n' }), [])
})
