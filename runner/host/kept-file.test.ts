import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { keepFile, keepLog } from './kept-file.ts'
import { roomOf } from './room.ts'

const printed = Buffer.from('printed\n')

test('a log has all that was added to it before it was closed', (t) => {
  const path = join(writeFolder({}), 'p.log')
  const log = keepLog(path, roomOf(), () => t.fail())
  for (let times = 0; times < 3; times++) log.add(printed)
  log.close()
  log.add(printed)
  log.close()
  t.is(readFileSync(path, 'utf8'), 'printed\n'.repeat(3))
})

for (const [what, path, code] of [
  ['a full disk', '/dev/full', 'ENOSPC'],
  // Nothing lies at the address 0, and no user may write a constant of the kernel.
  ['a broken disk', '/proc/self/mem', 'EIO'],
  ['a file that is not ours to write', '/proc/sys/kernel/ostype', 'EACCES'],
  ['a folder that is gone', '/nonexistent/p.log', 'ENOENT'],
] as const)
  test(`${what} ends a log and nothing else, and is reported once`, (t) => {
    const lost: unknown[] = []
    const log = keepLog(path, roomOf(), (cause) => lost.push(cause))
    for (let times = 0; times < 3; times++) log.add(printed)
    log.close()
    t.is(lost.length, 1)
    t.like(lost[0], { code })
  })

test('a log that cannot be made in a folder is reported', (t) => {
  const folder = writeFolder({})
  mkdirSync(join(folder, 'p.log'))
  const lost: unknown[] = []
  keepLog(join(folder, 'p.log'), roomOf(), (cause) => lost.push(cause)).add(printed)
  t.like(lost[0], { code: 'EISDIR' })
})

test('a log ends with how much of it is missing, and other files are cut without a word', (t) => {
  const folder = writeFolder({})
  const room = roomOf(80)
  const log = keepLog(join(folder, 'a.log'), room, () => t.fail())
  for (let at = 0; at < 5; at++) log.add(Buffer.from('01234567'))
  t.is(log.lostBytes, 20)
  log.close()
  t.is(readFileSync(join(folder, 'a.log'), 'utf8'), '01234567012345670123\n[cut: 20 bytes more]\n')
  const data = keepFile(join(folder, 'a.pcap'), room)
  data.add(Buffer.alloc(30))
  data.close()
  t.is(readFileSync(join(folder, 'a.pcap')).length, 20)
})
