import test from 'ava'
import { renderCpio } from './cpio.ts'

test('an archive has its files one behind another, each at a multiple of four bytes, and a trailer', (t) => {
  const archive = renderCpio([
    { path: 'a', mode: 0o40700 },
    { path: 'a/b', mode: 0o100600, content: Buffer.from('hello') },
  ])
  const headers = [...archive.toString('latin1').matchAll(/070701(.{8})(.{8})/g)]
  t.deepEqual(
    headers.map(({ index, 2: mode = '' }) => [(index ?? 0) % 4, Number.parseInt(mode, 16)]),
    [
      [0, 0o40700],
      [0, 0o100600],
      [0, 0],
    ],
  )
  t.true(archive.includes('a/b\0') && archive.includes('hello\0\0\0') && archive.includes('TRAILER!!!\0'))
})
