import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { diagnosticsOf, fakeTable, mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'
import { renderDiagnostics } from './text/diagnostics.ts'

const withNic = (nic: string) =>
  mistakesOf(
    withSteps(
      '  - { name: a, on: host, run: x }\n',
      `links: [{ endpoints: [${JSON.stringify(`host:${nic}`)}, "peer:eth1"] }]`,
    ),
  )

test('a NIC has a name that the kernel and all tools take', (t) => {
  const wrong = [
    '%s%n',
    'e%d',
    '*',
    'e?',
    'x=later',
    '-batch',
    'e#1',
    'e/1',
    '.',
    '..',
    'all',
    'default',
    'any',
    '12',
    'e;1',
    "e'1",
  ]
  for (const nic of [...wrong, 'ßßßß', 'sixteen-letters-', 'e 1', 'e\u00a01', 'bonding_masters', 'renaming0', ''])
    t.regex(withNic(nic).join('\n'), /expected node:interface/, nic)
  for (const nic of ['eth1', 'br-lan', 'eth0.10', 'fifteen_letters', '_x', 'Vlan+10'])
    t.deepEqual(withNic(nic), [], nic)
})

test('a name that turns the order of a line is none', (t) => {
  t.regex(mistakesOf(withSteps('  - { name: "a\u202eb", on: host, run: x }\n'))[0] ?? '', /one line of text/)
})

test('nothing of a lab file speaks to the terminal, or turns its lines', (t) => {
  const odd = '\u001b[2J\u009b31m\u202e\u2066\u061c\u2028'
  const diagnostics = diagnosticsOf(withSteps(`  - { name: a, on: "x${odd}", run: x }\n`))
  t.false(/[\p{Cc}\p{Bidi_Control}\p{Zl}]/u.test(renderDiagnostics(diagnostics).replaceAll('\n', '')))
})

test('a lab file that is a link shows no line of another folder', (t) => {
  const secret = join(writeFolder({ 'secret.yaml': 'password: hunter2\n' }), 'secret.yaml')
  const folder = writeFolder({ 'real.yaml': 'password: x\n' })
  symlinkSync(secret, join(folder, 'lab.yaml'))
  const { diagnostics = [] } = loadLab(folder, fakeTable)
  t.deepEqual(
    diagnostics.map(({ message }) => message),
    ['cannot read lab file: it is a link to another folder'],
  )
  t.notRegex(renderDiagnostics(diagnostics), /hunter2/)
})

test('a link within its folder, and a folder that is one, are followed', (t) => {
  const folder = writeFolder({ 'real.yaml': withSteps('  - { name: a, on: host, run: x }\n') })
  symlinkSync('real.yaml', join(folder, 'lab.yaml'))
  const elsewhere = writeFolder({})
  symlinkSync(folder, join(elsewhere, 'linked'))
  t.truthy(loadLab(folder, fakeTable).lab)
  t.truthy(loadLab(join(elsewhere, 'linked'), fakeTable).lab)
})

test('a file that is copied lies in the folder, whatever links lead to it', (t) => {
  const other = writeFolder({ secret: 'hunter2' })
  const folder = writeFolder({
    'lab.yaml': withSteps('  - { name: a, on: host, copy: { /x: sub/secret, /y: own }, run: x }\n'),
  })
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'files', 'own'), 'x')
  symlinkSync(other, join(folder, 'sub'))
  symlinkSync('files/own', join(folder, 'own'))
  const { diagnostics = [] } = loadLab(folder, fakeTable)
  t.deepEqual(
    diagnostics.map(({ message }) => message),
    ['cannot copy "sub/secret": it lies outside of the folder of the lab, and of its repository'],
  )
})
