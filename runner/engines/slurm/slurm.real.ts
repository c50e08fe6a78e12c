import { strict as assert } from 'node:assert'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

// Real runs on a Slurm cluster of two nodes that with-private-slurm has started: `npm run test:slurm`.

const wirelab = join(import.meta.dirname, '../../../bin/wirelab')
const folder = mkdtempSync(join(tmpdir(), 'wirelab-slurm-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const { WIRELAB_PRIVATE_SLURM: cluster = '' } = process.env
const path = (name: string) => join(folder, name)
const lab = (...words: string[]) => spawnSync(wirelab, words, { cwd: folder, encoding: 'utf8' })
const twelve = ['run', 'bridge-veth', '--repeat', '12', '--accel', 'tcg']
const queue = () => execFileSync('squeue', ['--noheader', '--format=%i %T %N'], { encoding: 'utf8' })

/** Writes settings; `prologue` is what parts do first. */
function settings(name: string, prologue = ':', more = '') {
  writeFileSync(path(name), `processors: 1\nprologue: |\n  ${prologue}\n${more}`)
  return `slurm:${path(name)}`
}

interface Submitter {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<number | null>
}

function start(...words: string[]): Submitter {
  const child = spawn(wirelab, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, said: () => said, ended }
}

/** Waits until a submitter has said something. */
async function until({ said, ended }: Submitter, what: RegExp): Promise<RegExpExecArray> {
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  for (;;) {
    const found = what.exec(said())
    if (found) return found
    if (hasEnded) throw new Error(`it ended and never said ${what}:\n${said()}`)
    await delay(100)
  }
}

const compared = (results: string) => lab('compare', path('local'), path(results))

test('a run of twelve scopes in four parts comes to what a local run comes to, case by case', async () => {
  const here = lab(...twelve, '--results', path('local'))
  assert.equal(here.status, 0, here.stdout + here.stderr)
  const run = start(...twelve, '--on', settings('plain.yaml'), '--parts', '4', '--results', path('plain'))
  assert.equal(await run.ended, 0, run.said())
  assert.match(run.said(), /of 12 done, .* running on n[12]/)
  assert.match(run.said(), /12 of 12 done, 0 to come; 4 of 4 parts done/)
  assert.doesNotMatch(run.said(), /lost/)
  const { status, stdout } = compared('plain')
  assert.equal(status, 0, stdout)
  assert.equal(stdout.match(/bridge-veth\/default/g)?.length, 12, stdout)
  assert.deepEqual(readdirSync(join(path('plain'), 'engine/parts')), [])
})

test('a run outlives the node that does a part of it, and the process that handed it over', async () => {
  const first = start(...twelve, '--on', settings('crash.yaml'), '--parts', '4', '--results', path('crash'))
  await until(first, /[1-9]\d* of 12 done, .* running on n1 n2/)
  first.child.kill('SIGKILL')
  await first.ended
  execFileSync('slurm-node', ['crash', 'n1'])
  const second = start('attach', path('crash'))
  await until(second, /was lost on n1 \(NODE_FAIL[^)]*\), try 1 of 3: it is handed over again/)
  execFileSync('slurm-node', ['start', 'n1'])
  assert.equal(await second.ended, 0, second.said())
  const { status, stdout } = compared('crash')
  assert.equal(status, 0, stdout)
  const again = lab('attach', path('crash'))
  assert.equal(again.status, 2)
  assert.match(again.stderr, /the run has come to its end/)
})

test('a part that runs into its time limit is handed over again, with more time', async () => {
  const hangs = '[ "$part.$attempt" != 2.1 ] || sleep 600'
  const on = settings('limit.yaml', hangs, 'minutes: 1\n')
  const words = ['run', 'bridge-veth', '--repeat', '2', '--accel', 'tcg', '--on', on, '--parts', '2']
  const run = start(...words, '--results', path('limit'))
  await until(run, /part 2\/2 was lost on n[12] \(TIMEOUT\), try 1 of 3: it is handed over again/)
  assert.equal(await run.ended, 0, run.said())
  const limits = execFileSync('squeue', ['--noheader', '--states=all', '--array', '--format=%K %l'], {
    encoding: 'utf8',
  })
  assert.match(limits, /^2 2:00$/m)
})

test('parts that are lost too often are missing, which is said, and the rest is reported', async () => {
  const on = settings('missing.yaml', '[ "$part" = 1 ] || exit 7', 'tries: 2\n')
  const words = ['run', 'bridge-veth', '--repeat', '2', '--accel', 'tcg', '--on', on, '--parts', '2']
  const { status, stdout, stderr } = lab(...words, '--results', path('missing'))
  assert.equal(status, 3, stdout + stderr)
  assert.match(stdout, /part 2\/2 was lost on n[12] \(FAILED\), try 2 of 2: what it printed is in engine\/$/m)
  assert.match(stderr, /^not whole: part 2\/2 is missing$/m)
  assert.ok(readdirSync(path('missing')).includes('report.html'))
})

test('a full spool of a node costs no result: what it takes is told, and the part is handed over again', async () => {
  const spools = ['n1', 'n2'].map((node) => join(cluster, `spool-${node}`, 'filler'))
  for (const spool of spools) assert.throws(() => writeFileSync(spool, Buffer.alloc(4 << 20)), /ENOSPC/)
  const words = [
    'run',
    'bridge-veth',
    '--repeat',
    '2',
    '--accel',
    'tcg',
    '--on',
    settings('spool.yaml'),
    '--parts',
    '2',
  ]
  const run = start(...words, '--results', path('spool'))
  for (const node of ['n1', 'n2'])
    await until(run, new RegExp(`lost on ${node} \\([A-Z_]+: SlurmdSpoolDir is full\\), try 1 of 3: it is handed over`))
  await until(run, /2 waiting \([^)]*DRAINED/)
  for (const spool of spools) rmSync(spool)
  execFileSync('scontrol', ['update', 'NodeName=n1,n2', 'State=RESUME'])
  assert.equal(await run.ended, 0, run.said())
  assert.match(run.said(), /2 of 2 parts done/)
})

test('settings choose nodes and account, and what the cluster lacks is refused with its words', () => {
  const handOver = (name: string, more: string) => {
    const on = settings(`${name}.yaml`, 'exit 7', `tries: 1\n${more}`)
    const words = ['run', 'bridge-veth', '--repeat', '2', '--accel', 'tcg', '--on', on, '--parts', '2']
    return lab(...words, '--results', path(name))
  }
  const jobs = () =>
    execFileSync('squeue', ['--noheader', '--states=all', '--array', '--format=%f %a %P %N'], { encoding: 'utf8' })
  assert.equal(handOver('feature', 'constraint: kvm\naccount: networks\n').status, 3)
  assert.equal(jobs().match(/^kvm networks labs n1$/gm)?.length, 2, jobs())
  assert.equal(handOver('partition', 'partition: spare\naccount: spares\n').status, 3)
  assert.equal(jobs().match(/^\(null\) spares spare n2$/gm)?.length, 2, jobs())
  const refused = handOver('refused', 'constraint: nosuch\n')
  assert.equal(refused.status, 3)
  assert.match(refused.stderr, /^cannot .*sbatch(.|\n)*Invalid feature specification/m)
})

test('Ctrl-C leaves the parts alone, or ends them when that is asked', async () => {
  const on = settings('sleep.yaml', 'sleep 600')
  const words = ['run', 'bridge-veth', '--repeat', '2', '--accel', 'tcg', '--on', on, '--parts', '2']
  const first = start(...words, '--results', path('left'))
  await until(first, /2 running on n1 n2/)
  first.child.kill('SIGINT')
  assert.equal(await first.ended, 130)
  assert.match(first.said(), /The parts go on\. To follow them: .*attach .*left/)
  assert.equal(queue().match(/RUNNING/g)?.length, 2, queue())
  const second = start('attach', path('left'), '--cancel-on-interrupt')
  await until(second, /2 running on n1 n2/)
  second.child.kill('SIGINT')
  assert.equal(await second.ended, 130)
  assert.match(second.said(), /The parts are cancelled/)
  while (/RUNNING|PENDING|COMPLETING/.test(queue())) await delay(200)
})

test('two runs at once keep out of each other', async () => {
  const words = ['run', 'bridge-veth', '--repeat', '2', '--accel', 'tcg', '--parts', '2']
  const runs = ['one', 'two'].map((name) => start(...words, '--on', settings('both.yaml'), '--results', path(name)))
  for (const run of runs) assert.equal(await run.ended, 0, run.said())
  assert.equal(lab('compare', path('one'), path('two')).status, 0)
})
