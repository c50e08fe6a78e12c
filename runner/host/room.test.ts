import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { keepFile } from './kept-file.ts'
import { roomOf } from './room.ts'

test('a file has a quarter of the room, and nothing more after it was refused something', (t) => {
  const share = roomOf(400).share()
  t.is(share.freeBytes(), 100)
  t.is(share.take(90), 90)
  t.is(share.take(20), 10)
  t.is(share.take(1), 0)
  t.is(share.lostBytes, 11)
})

test('all files together have the room, and what is given back can be taken again', (t) => {
  const room = roomOf(400)
  const full = Array.from({ length: 4 }, () => room.share())
  for (const share of full) t.is(share.take(100), 100)
  const late = room.share()
  t.is(late.freeBytes(), 0)
  full[0]?.free()
  t.is(late.take(60), 60)
  t.is(late.lostBytes, 0)
})

test('a log ends with how much of it is missing, and other files are cut without a word', (t) => {
  const folder = writeFolder({})
  const room = roomOf(80)
  const log = keepFile(join(folder, 'a.log'), room, 'log')
  for (let at = 0; at < 5; at++) log.add(Buffer.from('01234567'))
  t.is(log.lostBytes, 20)
  log.close()
  t.is(readFileSync(join(folder, 'a.log'), 'utf8'), '01234567012345670123\n[cut: 20 bytes more]\n')
  const data = keepFile(join(folder, 'a.pcap'), room, 'data')
  data.add(Buffer.alloc(30))
  data.close()
  t.is(readFileSync(join(folder, 'a.pcap')).length, 20)
})
