import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { argumentsOf, labProcesses, processorMsOf } from './processes.ts'

test('QEMUs are found below a process, by their name, and who started them is the runner', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const qemu = join(folder, 'qemu-system-test')
  copyFileSync('/bin/sleep', qemu)
  // A runner between this process and two of them.
  const runner = '"$0" 600 & "$0" 601 & wait; :'
  const shell = spawn('sh', ['-c', 'bash -c "$1" "$0" & wait $!', qemu, runner], { stdio: 'ignore', detached: true })
  const pid = shell.pid ?? 0
  t.teardown(() => process.kill(-pid, 'SIGTERM'))
  const found = () => labProcesses(pid)
  while ((found()?.qemus.length ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  const lab = found() ?? { runner: 0, qemus: [] }
  t.is(argumentsOf(lab.runner)[0], 'bash')
  t.deepEqual(lab.qemus.map((number) => argumentsOf(number)[1]).toSorted(), ['600', '601'])
  t.true(lab.qemus.every((number) => processorMsOf(number) >= 0 && processorMsOf(number) < 10_000))
})

test('where nothing runs that is a QEMU there is no lab', (t) => {
  t.is(labProcesses(0x7fffffff), undefined)
})
