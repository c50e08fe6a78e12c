import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { examplesFolder } from '../../lab/schema/render-reference.ts'

test.serial('the labs of the reference pass', async (t) => {
  t.timeout(600_000)
  const results = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(results, { recursive: true, force: true }))
  const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
  const labs = readdirSync(examplesFolder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(examplesFolder, name))
    // What wants packages would have an image built here.
    .filter((file) => !/^packages:/m.test(readFileSync(file, 'utf8')))
  const child = spawn(process.execPath, [main, 'run', ...labs, '--results', results], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = (await child.stdout.toArray()).join('')
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  t.is(code, 0, said)
})
