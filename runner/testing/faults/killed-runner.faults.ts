import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** Processes whose command line has these words, and that are no zombies. */
const processesWith = (words: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      const gone = /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      return !gone && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words)
    } catch {
      return false
    }
  })

const lab = `title: A machine
summary: It is up.
nodes: { NAME: {} }
steps: [{ name: wait, on: NAME, run: sleep 50 }]
`

test('QEMU ends with a runner that is killed, though it is another user', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-killed-'))
  const name = `m${process.pid}`
  writeFileSync(join(folder, 'lab.yaml'), lab.replaceAll('NAME', name))
  const main = join(import.meta.dirname, '../../cli/main.ts')
  const runner = spawn(process.execPath, [main, folder, '--results', join(folder, 'results')], { stdio: 'ignore' })
  try {
    while (processesWith(`${name},debug-threads`).length === 0 && runner.exitCode === null) await sleep(20)
    assert.equal(runner.exitCode, null)
    runner.kill('SIGKILL')
    await once(runner, 'exit')
    const killedMs = performance.now()
    while (processesWith(`${name},debug-threads`).length > 0 && performance.now() - killedMs < 3000) await sleep(20)
    assert.deepEqual(processesWith(`${name},debug-threads`), [])
  } finally {
    runner.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
})
