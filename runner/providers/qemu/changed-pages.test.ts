import test from 'ava'
import { changedPages } from './changed-pages.ts'

const pageBytes = 4096
const word = (text: string) => Buffer.from(`${String.fromCharCode(text.length)}${text}`, 'latin1')
const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const long = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
const filled = (byte: number) => Buffer.alloc(pageBytes, byte)

const head = (...sections: Buffer[]) =>
  Buffer.concat([
    ...[Buffer.from('QEVM'), number(3), Buffer.from([7]), number(4), Buffer.from('pc-1')],
    ...[Buffer.from([5]), word('configuration/capabilities'), number(1), number(1), word('x-ignore-shared')],
    ...[Buffer.from([1]), number(2), word('ram'), number(0), number(4)],
    ...[long((4 * pageBytes + pageBytes) | 4), word('pc.bios'), long(pageBytes), long(0)],
    ...[word('mem'), long(4 * pageBytes), long(0), long(0x10), Buffer.from([0x7e]), number(2)],
    ...[Buffer.from([3]), number(2), ...sections, long(0x10), Buffer.from([0x7e]), number(2)],
    ...[Buffer.from([4]), Buffer.from('devices, of whatever length')],
  ])

/** The memory that a machine began with: pages of 1, of 0, of 3, and of 0. */
const before = [1, 0, 3, 0].map(filled)
const readPage = (place: number) => [Buffer.concat(before), place] as const

test('of the memory what changed is left, whatever pieces the state comes in', (t) => {
  const state = head(
    ...[long(0 | 8), word('mem'), filled(1)],
    ...[long(pageBytes | 8 | 0x20), filled(7)],
    ...[long((2 * pageBytes) | 2 | 0x20), Buffer.from([0])],
    ...[long((3 * pageBytes) | 2 | 0x20), Buffer.from([0])],
    ...[long(0 | 8), word('pc.bios'), filled(0)],
    ...[long((3 * pageBytes) | 8), word('mem'), filled(9)],
  )
  const wanted = head(
    ...[long(pageBytes | 8), word('mem'), filled(7)],
    ...[long((2 * pageBytes) | 2 | 0x20), Buffer.from([0])],
    ...[long(0 | 8), word('pc.bios'), filled(0)],
    ...[long((3 * pageBytes) | 8), word('mem'), filled(9)],
  )
  for (const size of [1, 7, 4096, 5000, state.length]) {
    const take = changedPages(4 * pageBytes, readPage)
    const pieces = Array.from({ length: Math.ceil(state.length / size) }, (_, at) =>
      take(state.subarray(at * size, (at + 1) * size)),
    )
    t.true(Buffer.concat(pieces).equals(wanted), `in pieces of ${size}`)
  }
})

test('a stream of another kind is refused', (t) => {
  const take = (bytes: Buffer) => changedPages(4 * pageBytes, readPage)(bytes)
  t.throws(() => take(Buffer.alloc(8)), { message: /its beginning/ })
  t.throws(() => take(head(long(0x40), Buffer.alloc(8))), { message: /a record of kind 64/ })
})
