import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'

/** A command that goes on until it is ended, and then takes as long as it is told to end in order. */
const script = `import { runAsProcess } from ${JSON.stringify(join(import.meta.dirname, 'run-as-process.ts'))}
await runAsProcess(async (args, { signal, stdout }) => {
  stdout.write('begun')
  const goesOn = setInterval(() => {}, 1000)
  await new Promise((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, Number(args[0]))))
  clearInterval(goesOn)
  signal.throwIfAborted()
  return 0
})
`

/** Starts it; `before` is what it is started by. Done when it has begun. */
async function begin(endsAfterMs: number, environment = {}, stdin: 'pipe' | number = 'pipe') {
  const file = join(writeFolder({ 'main.ts': script }), 'main.ts')
  const env = { ...process.env, _: 'node', ...environment }
  const child = spawn(process.execPath, [file, String(endsAfterMs)], { env, stdio: [stdin, 'pipe', 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }))
  await once(child.stdout ?? child, 'data')
  return { child, ended }
}

for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
  ['SIGTERM', 143],
] as const)
  test(`${signal} ends a command in order, with exit code ${code}`, async (t) => {
    const { child, ended } = await begin(50)
    child.kill(signal)
    t.deepEqual(await ended, { code, signal: null, errors: 'interrupted\n' })
  })

test('a signal that comes twice at once, as npm sends Ctrl-C, is one', async (t) => {
  const { child, ended } = await begin(500)
  child.kill('SIGINT')
  await sleep(100)
  child.kill('SIGINT')
  t.deepEqual(await ended, { code: 130, signal: null, errors: 'interrupted\n' })
})

test('a signal that comes again later ends the process at once', async (t) => {
  const { child, ended } = await begin(60_000)
  child.kill('SIGINT')
  await sleep(1300)
  child.kill('SIGTERM')
  t.like(await ended, { code: 143, signal: null })
  t.regex((await ended).errors, /^ended at once/)
})

test('under nohup a hang-up does nothing, whether a shell or the input tells of it', async (t) => {
  for (const begun of [begin(0, { _: '/usr/bin/nohup' }), begin(0, {}, openSync('/dev/null', 'w'))]) {
    const { child, ended } = await begun
    child.kill('SIGHUP')
    await sleep(200)
    t.is(child.exitCode, null)
    child.kill('SIGTERM')
    t.like(await ended, { code: 143 })
  }
})

test('a working directory that was removed is named, without a stack trace', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-gone-'))
  const main = join(import.meta.dirname, 'main.ts')
  const { status, stderr } = spawnSync('sh', ['-c', 'rmdir "$PWD" && exec "$0" "$1" --all', process.execPath, main], {
    cwd: folder,
    encoding: 'utf8',
  })
  t.is(status, 2)
  t.regex(stderr, /^cannot find the working directory: .*\nChange to one that is there\.\n$/)
})
