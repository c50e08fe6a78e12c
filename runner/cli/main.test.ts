import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import type { CommandEntry } from './command.ts'
import { commands } from './commands/index.ts'

const main = join(import.meta.dirname, 'main.ts')

function lab(words: readonly string[], { environment = {}, folder = process.cwd() } = {}) {
  const { npm_lifecycle_event: _, INIT_CWD: __, WIRELAB_CALLED_AS: ___, ...own } = process.env
  const env = { ...own, ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    env,
    encoding: 'utf8',
    cwd: folder,
  })
  return { status, stdout, stderr }
}

test('under npm, paths are read from where it was called', (t) => {
  const labs = join(import.meta.dirname, '..', '..', 'labs')
  const environment = { npm_lifecycle_event: 'lab', INIT_CWD: labs }
  t.is(lab(['./macvlan-modes/lab.yaml/vepa', '--list'], { environment }).stdout, 'macvlan-modes/vepa\n')
  t.is(lab(['./macvlan-modes/vepa', '--list'], { folder: labs }).stdout, 'macvlan-modes/vepa\n')
  t.is(lab(['./macvlan-modes', '--list']).status, 2)
  const gone = lab(['--version'], { environment: { ...environment, INIT_CWD: join(labs, 'gone') } })
  t.regex(gone.stderr, /^cannot go to the folder that npm was called in: ENOENT/)
})

test('--version prints the version', (t) => {
  t.deepEqual(lab(['--version']), { status: 0, stdout: '0.1.0\n', stderr: '' })
})

test('a misspelt command is a usage error with the nearest', (t) => {
  t.deepEqual(lab(['chekc', 'bridge-veth']), {
    status: 2,
    stdout: '',
    stderr: 'cannot find "chekc": there is no command, lab or file of this name\ndid you mean "check"?\n',
  })
})

test('a misspelt lab is not taken for a misspelt command', (t) => {
  t.regex(lab(['brigde-veth']).stderr, /^cannot find lab "brigde-veth".*\ndid you mean "bridge-veth"\?/)
})

test('help and errors name the command as it was called', (t) => {
  const environment = { WIRELAB_CALLED_AS: 'wirelab' }
  const commands = lab(['--help'], { environment }).stdout.matchAll(/^ {2}wirelab ([a-z]+)/gm)
  for (const command of ['--help', ...commands.map(([, name = '']) => `${name} --help`)]) {
    const { status, stdout } = lab(command.split(' '), { environment })
    t.is(status, 0)
    t.notRegex(stdout.replace('made by npm run lab compare', ''), /npm| -- /, command)
  }
  t.regex(lab(['mutate', 'bridge-veth', '--repeat', '2'], { environment }).stderr, /\nwirelab NAME --repeat N\n$/)
})

test('help says behind each command, after two blanks, what it does', (t) => {
  const rows = lab(['--help']).stdout.replaceAll(/ {2,}/g, '  ')
  for (const { usage, does } of Object.values<CommandEntry>(commands))
    if (does !== undefined) t.true(rows.includes(`${usage}  ${does}\n`), usage)
})

test('a misspelt option is a usage error with the nearest', (t) => {
  const { status, stderr } = lab(['bridge-veth', '--kep'])
  t.is(status, 2)
  t.is(
    stderr,
    `cannot read the command line: Unknown option '--kep'\ndid you mean "--keep"?\nnpm run lab run -- --help\n`,
  )
})

test('an option that npm took runs nothing and lists nothing', (t) => {
  const environment = { npm_lifecycle_event: 'lab', npm_config_all: 'true' }
  for (const words of [[], ['check']])
    t.deepEqual(lab(words, { environment }), {
      status: 2,
      stdout: '',
      stderr: `cannot read the command line: npm took --all for itself\nwrite ${['npm run lab', ...words].join(' ')} -- --all\n`,
    })
})

const linesOf = (words: readonly string[]) =>
  lab([...words, '--list'])
    .stdout.trimEnd()
    .split('\n')

test('labs are chosen by tag, variants by pattern, and --list runs nothing', (t) => {
  t.deepEqual(linesOf(['--tag', 'bgp']), ['bird-bgp-failover/timers', 'bird-bgp-failover/bfd'])
  t.deepEqual(linesOf(['--tag', 'bgp', '--tag', 'bond', '--grep', 'timers|^bond.*failure: ']), [
    'bird-bgp-failover/timers',
    'bond-failover/failure',
  ])
  t.deepEqual(linesOf(['macvlan-modes/vepa', '--grep', 'vepa', '--repeat', '2']), [
    'macvlan-modes/vepa',
    'macvlan-modes/vepa #2',
  ])
  const [first] = JSON.parse(lab(['--tag', 'bgp', '--list', '--json']).stdout)
  t.like(first, { name: 'bird-bgp-failover/timers', lab: 'bird-bgp-failover', variant: 'timers' })
})

test('of mutations --list prints those that would be made', (t) => {
  t.deepEqual(linesOf(['mutate', 'bridge-veth', '--part', '1/2']).at(0)?.startsWith('bridge-veth/default ('), true)
})

test('what chooses nothing is a usage error', (t) => {
  const refused = (words: readonly string[]) => {
    const { status, stderr } = lab(words)
    t.is(status, 2)
    return stderr
  }
  t.regex(refused(['--tag', 'bpg']), /^cannot run labs with the tag "bpg": none has it\ndid you mean "bgp"\?/)
  t.regex(refused(['--grep', 'no such']), /^cannot run anything: no variant is called as --grep no such says\n/)
  t.regex(refused(['--grep', '(']), /^cannot read --grep \(: /)
  t.regex(refused(['mutate', '--last-failed']), /--last-failed belongs to a run/)
  for (const other of ['--json', '--keep', '--list', '--last-failed'])
    t.regex(refused(['run', 'bridge-veth', '--watch', other]), new RegExp(`cannot watch with ${other}`))
  t.regex(refused(['mutate', 'bridge-veth', '--watch']), /cannot watch with mutate/)
  t.regex(refused(['mutate', 'bridge-veth', '--save-on-failure']), /belongs to a run/)
  const opens = '--shell-on-failure'
  t.regex(refused(['run', 'bridge-veth', opens, '--json']), /cannot open a shell with --json/)
  t.regex(refused(['mutate', 'bridge-veth', opens]), /cannot open a shell with mutate/)
  t.regex(refused(['run', 'bridge-veth', opens]), /this is no terminal/)
})

const ownLab = 'title: Mine\nsummary: It.\nnodes: { host: {} }\nsteps: [{ name: Look, on: host, run: "true" }]\n'

test('labs in labs/ where one stands are listed, are all, and come before shipped ones of the same name', (t) => {
  const folder = writeFolder({ 'labs/mine/lab.yaml': ownLab, 'labs/ipmasq/lab.yaml': ownLab, 'empty/labs/note': '' })
  const run = (words: readonly string[]) => lab(words, { folder }).stdout
  t.regex(run(['list']), /^ipmasq .*Mine\nmine .*Mine\n$/)
  t.is(run(['--all', '--list']), 'ipmasq/default\nmine/default\n')
  t.is(run(['--grep', '.', '--list']), 'ipmasq/default\nmine/default\n')
  t.is(run(['check', 'ipmasq']), 'ipmasq: 1 variant, 1 step, 0 mutations\n')
  t.is(run(['bridge-veth', '--list']), 'bridge-veth/default\n')
  t.regex(lab(['list'], { folder: join(folder, 'empty') }).stdout, /^bridge-veth /m)
})

test('labs are listed with chapter, machines, time and title, and as JSON', (t) => {
  const folder = writeFolder({
    'results/20260101-000000-a/junit.xml':
      '<testsuite name="bridge-veth/default" tests="1" failures="0" errors="0" time="7.2">',
  })
  const listed = lab([], { folder }).stdout
  t.regex(listed, /^bridge-veth +Bridging +1 machine +8 s +A container on a bridge$/m)
  t.regex(listed, /^macvlan-modes +MAC VLAN +2 machines +– +Macvlan modes$/m)
  t.is(lab(['list'], { folder }).stdout, listed)
  const json = JSON.parse(lab(['list', '--json'], { folder }).stdout)
  t.like(
    json.find(({ name }: { name: string }) => name === 'bridge-veth'),
    { title: 'A container on a bridge', machines: 1, variants: ['default'], durationMs: 7200 },
  )
})

test('show tells what a lab is made of, as text and as JSON', (t) => {
  const shown = lab(['show', 'bridge-veth'], { folder: writeFolder({ note: '' }) }).stdout
  t.regex(shown, /^bridge-veth: A container on a bridge\nchapter: Bridging\ntags: bridge, veth\ntime: – /)
  t.regex(shown, /^ {2}container {2}a namespace in host, 10\.0\.3\.78$/m)
  t.regex(shown, /^ {2}plug +Plug the host's end into the bridge$/m)
  const facts = JSON.parse(lab(['show', 'macvlan-modes/vepa', '--json']).stdout)
  t.deepEqual(
    facts.variants.map(({ name }: { name: string }) => name),
    ['vepa'],
  )
  t.is(lab(['show', 'bridge-veth', 'vlan-trunk']).status, 2)
  const twice = ownLab.replace('host: {}', 'a: {}, b: {}').replace('on: host', 'on: [a, b]')
  const { stdout } = lab(['show', 'twice'], { folder: writeFolder({ 'labs/twice/lab.yaml': twice }) })
  t.regex(stdout, /^ {4}Look on a\n {4}Look on b$/m)
})

test('with --json, check prints labs and mistakes as data, with the exit code of mistakes', (t) => {
  const folder = writeFolder({ 'bad/lab.yaml': 'title: Bad\nstep: [] # \u202e\n' })
  const { status, stdout, stderr } = lab(['check', 'bridge-veth', 'bad', '--json'], { folder })
  t.deepEqual([status, stderr], [2, ''])
  t.false(stdout.includes('\u202e'))
  const { labs, mistakes } = JSON.parse(stdout)
  t.like(labs, [{ name: 'bridge-veth', variants: 1 }])
  const misspelt = mistakes.find(({ nearest }: { nearest?: string }) => nearest === 'steps')
  t.like(misspelt, { file: join(folder, 'bad/lab.yaml'), place: { line: 2, column: 1 } })
  t.is(lab(['check', 'bridge-veth', '--json']).status, 0)
})

test('with --json, ps and doctor print one document', (t) => {
  const environment = { XDG_CACHE_HOME: writeFolder({ note: '' }), XDG_RUNTIME_DIR: writeFolder({ note: '' }) }
  t.true(Array.isArray(JSON.parse(lab(['ps', '--json'], { environment }).stdout).kept))
  const { status, stdout } = lab(['doctor', '--json'], { environment })
  const findings: { readonly state: string; readonly text: string }[] = JSON.parse(stdout)
  t.is(status, 3)
  t.true(findings.some(({ state, text }) => state === 'bad' && text.includes('image')))
})

test('-x and --max-failures are read before anything runs', (t) => {
  t.regex(lab(['bridge-veth', '--max-failures', '0']).stderr, /^cannot read --max-failures 0: expected a whole number/)
  t.is(lab(['bridge-veth', '-x', '--list']).stdout, 'bridge-veth/default\n')
})
