import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Tree } from '../run-npm.ts'
import { measurements } from './index.ts'
import { wholeCommands } from './whole-command.ts'

/** A checkout whose scripts write down the words that they are given, and end with this exit code. */
function treeWith(t: ExecutionContext, exitCode: number): Tree {
  const root = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'script.sh'), `echo "$@" >words; exit ${exitCode}`)
  const scripts = { lab: 'sh script.sh lab', setup: 'sh script.sh setup' }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts }))
  return { name: 'this', root, commit: 'unknown' }
}

const wordsOf = {
  list: /^lab$/,
  'set-up': /^setup$/,
  reports: /^lab report \S+$/,
  'bridge-veth': /^lab bridge-veth --results \S+$/,
  'macvlan-modes': /^lab macvlan-modes --results \S+$/,
  'all-labs': /^lab --all --results \S+$/,
  'all-mutations': /^lab mutate --all --results \S+$/,
}

for (const [name, words] of Object.entries(wordsOf))
  test(`${name} is a command of a checkout, as a person gives it, and its time a figure`, async (t) => {
    const measurement = wholeCommands.find((one) => one.name === name)
    const tree = treeWith(t, name === 'reports' ? 3 : 0)
    const sample = await measurement?.sample(tree, new AbortController().signal)
    t.true((sample?.['whole command'] ?? 0) > 0)
    t.regex(readFileSync(join(tree.root, 'words'), 'utf8').trim(), words)
  })

test('what takes many minutes is measured only when it is asked for', (t) => {
  const long = measurements.filter(({ isLong }) => isLong).map(({ name }) => name)
  t.deepEqual(long, ['machines-64', 'all-labs', 'all-mutations'])
  t.deepEqual(
    wholeCommands.map(({ name }) => name),
    Object.keys(wordsOf),
  )
})
