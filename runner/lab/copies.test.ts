import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { valueIn } from '../steps/actions/action.ts'
import { copy } from '../steps/actions/copy.ts'
import { fakeTable, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

/** A repository with a lab that copies, and what is beside it. */
function repository(said: string, files: Readonly<Record<string, string>>) {
  const text = withSteps(`  - { name: a, on: host, copy: { /etc/x: ${said} }, run: x }`)
  const folder = writeFolder({ 'repo/labs/one/lab.yaml': text, ...files })
  mkdirSync(join(folder, 'repo/.git'), { recursive: true })
  return { folder: join(folder, 'repo'), load: () => loadLab(join(folder, 'repo/labs/one'), fakeTable) }
}

const mistakesOf = ({ load }: ReturnType<typeof repository>) => load().diagnostics?.map(({ message }) => message)

const copiesOf = ({ load }: ReturnType<typeof repository>) =>
  load()
    .lab?.variants[0]?.steps.flatMap((step) => valueIn(step, copy) ?? [])
    .map(({ to, from, mode, content }) => [to, from, mode, Buffer.from(content).toString()])

test('a folder is copied with all that is in it, and what is executable stays so', (t) => {
  const made = repository('conf', {
    'repo/labs/one/conf/run.sh': '#!/bin/sh',
    'repo/labs/one/conf/deep/er/b': 'b',
    'repo/labs/one/conf/.hidden': 'h',
  })
  chmodSync(join(made.folder, 'labs/one/conf/run.sh'), 0o755)
  t.deepEqual(copiesOf(made), [
    ['/etc/x/.hidden', 'conf/.hidden', undefined, 'h'],
    ['/etc/x/deep/er/b', 'conf/deep/er/b', undefined, 'b'],
    ['/etc/x/run.sh', 'conf/run.sh', '755', '#!/bin/sh'],
  ])
})

test('a mode is that of each file', (t) => {
  const made = repository('{ from: key, mode: "600" }', { 'repo/labs/one/key': 'k' })
  t.deepEqual(copiesOf(made), [['/etc/x', 'key', '600', 'k']])
  t.regex(
    mistakesOf(repository('{ from: key, mode: "a+x" }', { 'repo/labs/one/key': 'k' }))?.[0] ?? '',
    /expected a mode such as "600"/,
  )
})

test('a file may lie elsewhere in the repository, and nowhere else', (t) => {
  const files = { 'repo/common/f': 'shared', 'repo/.env': 'secret', 'repo/.git/config': 'token', outside: 'no' }
  t.deepEqual(copiesOf(repository('../../common/f', files)), [['/etc/x', '../../common/f', undefined, 'shared']])
  for (const hidden of ['../../.env', '../../.git/config', '../../.git']) {
    t.regex(mistakesOf(repository(hidden, files))?.[0] ?? '', /hidden files/, hidden)
  }
  for (const outside of ['../../../outside', '/etc/passwd', '../../..'])
    t.regex(
      mistakesOf(repository(outside, files))?.[0] ?? '',
      /it lies outside of the folder of the lab, and of/,
      outside,
    )
})

test('no link is followed to another folder, or in one that is copied', (t) => {
  const away = repository('../../common/link', { 'repo/common/f': 'f', outside: 'no' })
  symlinkSync('../../outside', join(away.folder, 'common/link'))
  t.regex(mistakesOf(away)?.[0] ?? '', /outside of the folder/)
  const within = repository('../../common/link', { 'repo/common/f': 'f' })
  symlinkSync('f', join(within.folder, 'common/link'))
  t.regex(mistakesOf(within)?.[0] ?? '', /a link leads out of the folder of the lab/)
  const inFolder = repository('conf', { 'repo/labs/one/conf/a': 'a' })
  symlinkSync('/etc/passwd', join(inFolder.folder, 'labs/one/conf/link'))
  t.regex(mistakesOf(inFolder)?.[0] ?? '', /it has a link in it, and links are not followed/)
})
