import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

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
