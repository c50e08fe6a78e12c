import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'

const main = join(import.meta.dirname, 'main.ts')

function call(folder: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'import', ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const good = 'name: My Lab\ntopology:\n  nodes:\n    a: { kind: linux, ports: [80:80], binds: [conf:/etc/x] }\n'
const bad = 'topology: { nodes: { a: { kind: ceos } } }\n'

test('a topology becomes a lab in labs/, or where a path says, with a warning for what is left out', (t) => {
  const folder = writeFolder({ 'x/clab.yml': good, 'x/conf': 'hello' })
  const { status, stdout, stderr } = call(folder, 'x/clab.yml')
  t.deepEqual([status, stdout], [0, 'labs/my-lab/lab.yaml\nTo run it: npm run lab run my-lab\n'])
  t.regex(stderr, /^x\/clab\.yml:4:23: warning: cannot take "ports" over\n/)
  t.is(readFileSync(join(folder, 'labs/my-lab/files/conf'), 'utf8'), 'hello')
  t.is(call(folder, 'x', './here').stdout, 'here/lab.yaml\nTo run it: npm run lab run ./here\n')
  t.is(call(folder, 'x', 'other').status, 0)
})

test('errors write nothing, and end with 2', (t) => {
  const folder = writeFolder({ 'clab.yml': bad })
  const { status, stderr } = call(folder, '.')
  t.is(status, 2)
  t.regex(stderr, /^clab\.yml:1:33: cannot import node "a": kind ceos is none of linux, bridge and ovs-bridge\n/)
  t.false(existsSync(join(folder, 'labs')))
  for (const words of [[], ['a', 'b', 'c'], ['nowhere'], ['clab.yml', '../x y']]) t.is(call(folder, ...words).status, 2)
})

test('what is there is replaced only with --force, and no link is followed for it', (t) => {
  const folder = writeFolder({
    'x/clab.yml': good,
    'x/conf': 'new',
    'labs/a/lab.yaml': 'mine',
    'labs/b/files/conf': 'old',
  })
  for (const name of ['a', 'b']) {
    const { status, stderr } = call(folder, 'x', name)
    t.is(status, 2)
    t.regex(stderr, /cannot write .*: it is there already/)
  }
  t.is(readFileSync(join(folder, 'labs/a/lab.yaml'), 'utf8'), 'mine')
  t.is(call(folder, 'x', 'b', '--force').status, 0)
  t.is(readFileSync(join(folder, 'labs/b/files/conf'), 'utf8'), 'new')

  mkdirSync(join(folder, 'labs/c'))
  symlinkSync(folder, join(folder, 'labs/c/files'))
  t.regex(call(folder, 'x', 'c', '--force').stderr, /cannot write .*: it is a link/)
  t.false(existsSync(join(folder, 'conf')))
})
