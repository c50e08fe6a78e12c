import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../../testing/test-labs.ts'

const script = 'import sys; sys.path.insert(0, sys.argv[1]); import make_itself; make_itself.write(*sys.argv[2:])'

test('a file of the template is written anew, whether it was longer or shorter', (t) => {
  const file = join(writeFolder({}), 'hostname')
  for (const before of ['\n', 'r1\n', 'a-long-name\n']) {
    writeFileSync(file, before)
    execFileSync('python3', ['-IBc', script, import.meta.dirname, file, 'r17'])
    t.is(readFileSync(file, 'utf8'), 'r17\n')
  }
  const absent = `${file}-absent`
  execFileSync('python3', ['-IBc', script, import.meta.dirname, absent, 'r17'])
  t.is(readFileSync(absent, 'utf8'), 'r17\n')
})
