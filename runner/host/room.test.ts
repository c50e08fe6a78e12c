import test from 'ava'
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
