import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { runNpm, type Tree } from './run-npm.ts'

/** A checkout with one script, which runs in its root. */
function treeWith(t: ExecutionContext, script: string): Tree {
  const root = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'script.sh'), script)
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { lab: 'sh script.sh' } }))
  return { name: 'this', root, commit: 'unknown' }
}

const { signal } = new AbortController()

test('a script is run in its checkout, with its words, through a program that is named', async (t) => {
  const tree = treeWith(t, 'echo "$VIA $*" >words')
  const wallMs = await runNpm(tree, ['lab', '--', '--all'], { signal, through: ['env', 'VIA=env'] })
  t.is(readFileSync(join(tree.root, 'words'), 'utf8'), 'env --all\n')
  t.true(wallMs > 0)
})

test('a script that ends with another exit code is not measured, and its last words are told', async (t) => {
  const tree = treeWith(t, 'echo out; echo why >&2; exit 3')
  const error = await t.throwsAsync(runNpm(tree, ['lab'], { signal }))
  t.regex(error?.message ?? '', /^cannot measure "npm run lab": its exit code was 3\n(?:out\nwhy|why\nout)$/)
  await t.notThrowsAsync(runNpm(tree, ['lab'], { signal, exitCode: 3 }))
})

test('a program that cannot be started is not measured', async (t) => {
  const tree = treeWith(t, '')
  await t.throwsAsync(runNpm(tree, ['lab'], { signal, through: [join(tree.root, 'none')] }), { code: 'ENOENT' })
})

test('a script that is interrupted is told to end, and its end is waited for', async (t) => {
  const script =
    'trap "echo >told; while [ ! -e release ]; do sleep 0.05; done; echo >ended; exit 143" TERM; echo >began; while :; do sleep 0.05; done'
  const tree = treeWith(t, script)
  const interruption = new AbortController()
  const watch = () => {
    const has = (name: string) => existsSync(join(tree.root, name))
    if (has('began')) interruption.abort(new Error('interrupted'))
    // Until then it does not end.
    if (has('told')) writeFileSync(join(tree.root, 'release'), '\n')
  }
  await t.throwsAsync(runNpm(tree, ['lab'], { signal: interruption.signal, watch }), { message: 'interrupted' })
  t.true(existsSync(join(tree.root, 'ended')))
})

test('what goes wrong while a script is watched ends it', async (t) => {
  const tree = treeWith(t, 'trap "echo >ended; exit 143" TERM; echo >began; while :; do sleep 0.05; done')
  const watch = () => {
    if (existsSync(join(tree.root, 'began'))) throw new Error('it looks wrong')
  }
  await t.throwsAsync(runNpm(tree, ['lab'], { signal, watch }), { message: 'it looks wrong' })
  t.true(existsSync(join(tree.root, 'ended')))
})
