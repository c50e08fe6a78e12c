import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'

const root = join(import.meta.dirname, '..', '..')
const { bin, dependencies, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The folder of a repository of labs, in which this checkout is installed as npm would do it. */
const repository = install(pack())

/** Makes the package of a copy of the checkout, for its JavaScript lies there meanwhile. Returns its path. */
function pack(): string {
  const copy = writeFolder({})
  const sources = readdirSync(root).filter((name) => !['.git', '.vagrant', 'node_modules', 'results'].includes(name))
  for (const name of sources) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  run('npm', ['pack', '--silent', '--offline'], copy)
  return join(copy, readdirSync(copy).find((name) => name.endsWith('.tgz')) ?? 'no package')
}

function install(archive: string): string {
  const folder = writeFolder({ 'labs/mine/lab.yaml': readFileSync(join(root, 'labs/bridge-veth/lab.yaml')) })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  run('tar', ['--extract', '--file', archive, '--directory', modules], folder)
  cpSync(join(modules, 'package'), join(modules, 'wirelab'), { recursive: true })
  rmSync(join(modules, 'package'), { recursive: true })
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  symlinkSync(join('..', 'wirelab', bin.wirelab), join(modules, '.bin', 'wirelab'))
  return folder
}

function run(program: string, words: readonly string[], folder: string, more: NodeJS.ProcessEnv = {}) {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|WIRELAB_)/.test(name))
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd: folder,
    env: { ...Object.fromEntries(own), ...more },
    encoding: 'utf8',
  })
  if (error || status === null) throw new Error(`${program} did not end by itself: ${error}`)
  return { status, stdout, stderr }
}

const npx = (...words: string[]) => run('npx', ['--offline', 'wirelab', ...words], repository)
const wirelab = (words: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  run(join('node_modules', '.bin', 'wirelab'), words, repository, more)

test('installed in a repository, npx runs it on the labs there', (t) => {
  t.regex(npx('list').stdout, /^mine .*\n$/)
  for (const name of ['mine', './labs/mine', 'bridge-veth'])
    t.regex(npx('check', name).stdout, /^(?:mine|bridge-veth): 1 variant,/)
  // It includes steps of a folder beside it, and no repository is around them.
  t.regex(npx('check', 'bird-bgp-failover').stdout, /^bird-bgp-failover: 2 variants,/)
  t.is(npx('run', './labs/mine', '--list').stdout, 'mine/default\n')
  t.regex(npx('run', 'mine', '--kep').stderr, /did you mean "--keep"\?\nnpx wirelab run --help\n$/)
})

test('every command is there', (t) => {
  const commands = [...wirelab(['--help']).stdout.matchAll(/^ {2}wirelab ([a-z]+)/gm)]
  t.true(commands.length > 10)
  for (const [, command = ''] of commands) t.is(wirelab([command, '--help']).status, 0, command)
})

test('all files that are read while labs run are there, and none of a test', (t) => {
  const names = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/\.(ts|js)$/.test(name))
  const packed = names(join(repository, 'node_modules', 'wirelab'))
  const read = ['assertions', 'reports', 'runner', 'images'].flatMap((folder) =>
    names(join(root, folder)).map((name) => join(folder, name)),
  )
  const ofTests = /fixtures|testing|real-lab|with-private-libvirt/
  t.deepEqual(
    read.filter((name) => /\.\w+$/.test(name) && !ofTests.test(name) && !packed.includes(name)),
    [],
  )
  t.deepEqual(
    packed.filter((name) => ofTests.test(name)),
    [],
  )
  t.true(files.includes('labs/') && packed.includes('labs/lab.schema.json'))
})

test('long answers are judged in a thread there, too', (t) => {
  const module = join(repository, 'node_modules/wirelab/runner/steps/judge-answers.js')
  const script = `const { judgeAnswers } = await import(${JSON.stringify(module)})
    const answers = [{ exitCode: 0, stdout: 'x'.repeat(100_000), stderr: '' }]
    const parameters = { on: 'a', command: 'b', matches: '^x+$' }
    const judging = { assertion: 'output', parameters, answers, world: {} }
    console.log((await judgeAnswers(judging, new AbortController().signal)).verdict)`
  t.is(run(process.execPath, ['judge.mjs'], writeFolder({ 'judge.mjs': script })).stdout, 'passed\n')
})

test('it is called by its name where npm did not call it, and by a script of the repository as npm does', (t) => {
  const called = (more: NodeJS.ProcessEnv) => wirelab(['run', 'mine', '--kep'], more).stderr.split('\n').at(-2)
  t.is(called({}), 'wirelab run --help')
  t.is(called({ npm_command: 'run-script', npm_lifecycle_event: 'nightly' }), 'npx wirelab run --help')
  t.is(called({ npm_command: 'run-script', npm_lifecycle_event: 'lab' }), 'npm run lab run -- --help')
})

test('without the Node that it depends on, and with none that is new enough, it says so', (t) => {
  const bare = writeFolder({ 'wirelab/runner/cli/main.js': '' })
  cpSync(join(root, 'bin'), join(bare, 'wirelab/bin'), { recursive: true })
  const start = (path: string) => run(join(bare, 'wirelab/bin/wirelab'), [], bare, { PATH: path })
  const { status, stderr } = start('/bin')
  t.is(status, /v2[4-9]/.test(run('/bin/sh', ['-c', 'PATH=/bin node --version'], bare).stdout) ? 0 : 3)
  if (status === 3) t.regex(stderr, /^cannot run wirelab: there is no Node 24 or later/)
  t.is(start(`${dirname(process.execPath)}:/bin`).status, 0)
  rmSync(join(bare, 'wirelab/runner'), { recursive: true })
  t.regex(start('/bin').stderr, /^cannot run wirelab: .*main\.js is not there\. Install what "npm pack" makes/)
})

test('in a checkout whose packages are not installed it says so, whichever Node there is', (t) => {
  const checkout = writeFolder({ 'runner/cli/main.ts': '' })
  cpSync(join(root, 'bin'), join(checkout, 'bin'), { recursive: true })
  const { status, stderr } = run(join(checkout, 'bin/wirelab'), [], checkout)
  t.deepEqual(
    [status, stderr],
    [3, 'cannot run wirelab: its packages are not installed. Run "npm ci" in its folder.\n'],
  )
})
