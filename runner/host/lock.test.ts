import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { markedProcesses } from '../testing/faults/host-snapshot.ts'
import { withLock } from './lock.ts'

async function lockFile(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-lock-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return join(folder, 'lock')
}

const patient = { signal: new AbortController().signal, onWait: () => {} }

test('tasks under the same lock run one after the other', async (t) => {
  const file = await lockFile(t)
  const order: string[] = []
  const task = (name: string) =>
    withLock(file, patient, async () => {
      order.push(`${name} begins`)
      await setTimeout(50)
      order.push(`${name} ends`)
    })
  await Promise.all([task('one'), task('two')])
  t.is(order[0]?.split(' ')[0], order[1]?.split(' ')[0])
  t.is(order.length, 4)
})

test('the result and the error of a task come through, and free the lock', async (t) => {
  const file = await lockFile(t)
  t.is(await withLock(file, patient, async () => 'done'), 'done')
  await t.throwsAsync(
    withLock(file, patient, async () => {
      throw new Error('broken')
    }),
    { message: 'broken' },
  )
  t.is(await withLock(file, patient, async () => 'again'), 'again')
})

test('who waits is told so, and can give up', async (t) => {
  const file = await lockFile(t)
  const controller = new AbortController()
  await withLock(file, patient, async () => {
    const waiting = withLock(
      file,
      { signal: controller.signal, onWait: () => controller.abort(new Error('no more')) },
      async () => 'never',
    )
    await t.throwsAsync(waiting, { message: 'no more' })
  })
})

test('a process that is killed leaves no lock', async (t) => {
  const file = await lockFile(t)
  const script = `
    const { withLock } = await import(${JSON.stringify(import.meta.resolve('./lock.ts'))})
    await withLock(${JSON.stringify(file)}, { signal: AbortSignal.timeout(60_000), onWait() {} }, () => {
      process.stdout.write('locked')
      return new Promise(() => {})
    })`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  holder.kill('SIGKILL')
  t.is(await withLock(file, patient, async () => 'free'), 'free')
})

test('a process that is killed while it waits leaves no program that waits on', async (t) => {
  const file = await lockFile(t)
  await withLock(file, patient, async () => {
    const script = `
      const { withLock } = await import(${JSON.stringify(import.meta.resolve('./lock.ts'))})
      const onWait = () => process.stdout.write('waits')
      await withLock(${JSON.stringify(file)}, { signal: AbortSignal.timeout(60_000), onWait }, async () => {})`
    const waiting = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, WIRELAB_MARK: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(waiting.stdout, 'data')
    const left = () => markedProcesses(`WIRELAB_MARK=${file}`)
    t.is(left().length, 2)
    waiting.kill('SIGKILL')
    await once(waiting, 'exit')
    for (const untilMs = performance.now() + 3000; left().length > 0 && performance.now() < untilMs; )
      await setTimeout(20)
    t.deepEqual(left(), [])
  })
})

test('a lock file that cannot be made is an error that names it', async (t) => {
  await t.throwsAsync(
    withLock('/proc/no/lock', patient, async () => {}),
    { message: /^cannot lock \/proc\/no\/lock: .*No such file/s },
  )
})
