import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { markedProcesses } from '../testing/faults/host-snapshot.ts'

/** As a program that becomes another user: no signal of its caller reaches it, nor that its caller died. */
const sudo = `#!/bin/sh
trap '' INT TERM HUP
setpriv --pdeathsig clear -- "$@"
exit $?
`

/** Begins to install packages by an apt-get that never ends, which is ended by `end`. Returns what is left then. */
async function leftAfter(t: ExecutionContext, installer: readonly string[], end: NodeJS.Signals): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-install-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'apt-get'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 })
  writeFileSync(join(folder, 'sudo'), sudo, { mode: 0o755 })
  const script = `
    const { installPackages } = await import(${JSON.stringify(import.meta.resolve('./install-packages.ts'))})
    const abort = new AbortController()
    process.on('SIGTERM', () => abort.abort(new Error('interrupted')))
    await installPackages([], ${JSON.stringify(installer)}, { signal: abort.signal, onProgress() {} }).catch(() => {})`
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}`, WIRELAB_MARK: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const begun = () => markedProcesses(`WIRELAB_MARK=${folder}`).filter((pid) => pid !== runner.pid)
  const isAsleep = () => begun().some((pid) => commandOf(pid) === 'sleep')
  while (!isAsleep() && runner.exitCode === null) await setTimeout(20)
  runner.kill(end)
  for (const untilMs = performance.now() + 3000; begun().length > 0 && performance.now() < untilMs; )
    await setTimeout(20)
  const left = begun()
  for (const pid of left) process.kill(pid, 'SIGKILL')
  if (runner.exitCode === null && runner.signalCode === null) await once(runner, 'exit')
  return left
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

for (const [who, installer] of Object.entries({ root: [], 'another user': ['sudo'] })) {
  test(`what installs packages as ${who} ends when the runner is killed`, async (t) => {
    t.deepEqual(await leftAfter(t, installer, 'SIGKILL'), [])
  })

  test(`what installs packages as ${who} ends when the runner is interrupted`, async (t) => {
    t.deepEqual(await leftAfter(t, installer, 'SIGTERM'), [])
  })
}
