import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { keepLog } from './kept-log.ts'

const printed = Buffer.from('printed\n')

test('a log has all that was added to it before it was closed', (t) => {
  const path = join(writeFolder({}), 'p.log')
  const log = keepLog(path, () => t.fail())
  for (let times = 0; times < 3; times++) log.add(printed)
  log.close()
  log.add(printed)
  log.close()
  t.is(readFileSync(path, 'utf8'), 'printed\n'.repeat(3))
})

for (const [what, path, code] of [
  ['a full disk', '/dev/full', 'ENOSPC'],
  ['a folder that is gone', '/nonexistent/p.log', 'ENOENT'],
] as const)
  test(`${what} ends a log and nothing else, and is reported once`, (t) => {
    const lost: unknown[] = []
    const log = keepLog(path, (cause) => lost.push(cause))
    for (let times = 0; times < 3; times++) log.add(printed)
    log.close()
    t.is(lost.length, 1)
    t.like(lost[0], { code })
  })

test('a log that cannot be made in a folder is reported', (t) => {
  const folder = writeFolder({})
  mkdirSync(join(folder, 'p.log'))
  const lost: unknown[] = []
  keepLog(join(folder, 'p.log'), (cause) => lost.push(cause)).add(printed)
  t.like(lost[0], { code: 'EISDIR' })
})
