import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { loadLab } from '../lab/load-lab.ts'
import { writeFolder } from '../testing/test-labs.ts'

const root = join(import.meta.dirname, '..', '..')

function make(name: string, folder: string, main = join(root, 'runner/cli/main.ts')) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'new', name], { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const schemaIn = (file: string) => /^# yaml-language-server: \$schema=(.*)\n/.exec(readFileSync(file, 'utf8'))?.[1]

test('a new lab has no mistake, and a mutation; a name is one in labs/, a path what it says', (t) => {
  const folder = writeFolder({ note: '' })
  t.deepEqual(make('first', folder), {
    status: 0,
    stdout: 'labs/first/lab.yaml\nTo run it: npm run lab run first\n',
    stderr: '',
  })
  t.is(make('./second', folder).stdout, 'second/lab.yaml\nTo run it: npm run lab run ./second\n')
  for (const lab of ['labs/first', 'second']) {
    const loaded = loadLab(join(folder, lab, 'lab.yaml'), assertions)
    t.deepEqual(loaded.diagnostics ?? [], [])
    t.is(loaded.lab?.mutations.length, 1)
  }
})

test('a file that is there stays as it is', (t) => {
  const folder = writeFolder({ 'labs/mine/lab.yaml': 'mine' })
  mkdirSync(join(folder, 'labs/link'))
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'labs/link/lab.yaml'))
  for (const name of ['mine', 'labs/mine', 'link']) {
    const { status, stderr } = make(name, folder)
    t.is(status, 2)
    t.regex(stderr, /^cannot write .*lab\.yaml: it is there already\nname another lab, or remove that one\n$/)
  }
  t.is(readFileSync(join(folder, 'labs/mine/lab.yaml'), 'utf8'), 'mine')
  t.false(existsSync(join(folder, 'elsewhere')))
})

test('what is no name for a lab is refused before anything is made', (t) => {
  const folder = writeFolder({ note: '' })
  for (const name of ['a b', '..', './.', '-x', 'labs/$x']) t.is(make(name, folder).status, 2, name)
  t.false(existsSync(join(folder, 'labs')))
})

test('the line for editors leads to the schema: through node_modules, within a checkout, or to where else it is', (t) => {
  const schema = join(root, 'labs/lab.schema.json')
  const far = writeFolder({ note: '' })
  make('far', far)
  t.is(schemaIn(join(far, 'labs/far/lab.yaml')), schema)

  const installed = writeFolder({ 'node_modules/.store/note': '' })
  symlinkSync(root, join(installed, 'node_modules/wirelab'))
  make('near', installed)
  make('packages/net/labs/deep', installed)
  t.is(schemaIn(join(installed, 'labs/near/lab.yaml')), '../../node_modules/wirelab/labs/lab.schema.json')
  const deep = schemaIn(join(installed, 'packages/net/labs/deep/lab.yaml'))
  t.is(deep, '../../../../node_modules/wirelab/labs/lab.schema.json')

  const checkout = writeFolder({
    'package.json': readFileSync(join(root, 'package.json')),
    'labs/lab.schema.json': '{}',
  })
  for (const name of ['assertions', 'reports', 'runner'])
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  make('own', checkout, join(checkout, 'runner/cli/main.ts'))
  t.is(schemaIn(join(checkout, 'labs/own/lab.yaml')), '../lab.schema.json')
})
