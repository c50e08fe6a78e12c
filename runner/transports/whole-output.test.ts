import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { roomOf } from '../host/room.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { wholeOutput } from './whole-output.ts'

test('output is kept whole, in memory and beyond, and leaves no file', (t) => {
  const folder = writeFolder({})
  const output = wholeOutput({ folder, room: roomOf() })
  const line = `${'x'.repeat(99)}ä\n`
  for (let at = 0; at < 30_000; at++) output.add(Buffer.from(line))
  t.is(output.text(), line.repeat(30_000))
  t.false(output.cut)
  output.add(Buffer.from('more'))
  t.true(output.text().endsWith('ä\nmore'))
  t.deepEqual(readdirSync(folder), [])
  output.close()
})

test('of more than there is room for the beginning is kept, and the rest is known to be missing', (t) => {
  const output = wholeOutput({ folder: writeFolder({}), room: roomOf(40) })
  output.add(Buffer.from('0123456'))
  t.false(output.cut)
  output.add(Buffer.from('789ab'))
  output.add(Buffer.from('c'))
  t.is(output.text(), '0123456789')
  t.true(output.cut)
})

test('what finds no room on the disk is known to be missing', (t) => {
  const output = wholeOutput({ folder: join(writeFolder({}), 'gone'), room: roomOf() })
  output.add(Buffer.alloc(2 * 1024 * 1024))
  t.true(output.cut)
  output.add(Buffer.from('late'))
  t.false(output.text().includes('late'))
})
