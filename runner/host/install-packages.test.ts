import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { markedProcesses } from '../testing/faults/host-snapshot.ts'

test('what installs packages ends when the runner is killed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-install-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'apt-get'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 })
  const script = `
    const { installPackages } = await import(${JSON.stringify(import.meta.resolve('./install-packages.ts'))})
    await installPackages([], [], { signal: AbortSignal.timeout(60_000), onProgress() {} })`
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}`, WIRELAB_MARK: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  t.teardown(() => runner.kill('SIGKILL'))
  const begun = () => markedProcesses(`WIRELAB_MARK=${folder}`).filter((pid) => pid !== runner.pid)
  while (begun().length === 0 && runner.exitCode === null) await setTimeout(20)
  runner.kill('SIGKILL')
  await once(runner, 'exit')
  for (const untilMs = performance.now() + 3000; begun().length > 0 && performance.now() < untilMs; )
    await setTimeout(20)
  const left = begun()
  for (const pid of left) process.kill(pid, 'SIGKILL')
  t.deepEqual(left, [])
})
