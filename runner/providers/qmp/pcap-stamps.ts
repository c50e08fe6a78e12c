import { fstatSync, readSync, writeSync } from 'node:fs'

/** Where the first record of a pcap file begins (draft-ietf-opsawg-pcap, 4). */
export const firstRecord = 24

const headerBytes = 16
const capturedLengthAt = 8
const chunkBytes = 1024 * 1024

/** A part of an open pcap file: from where a record begins, until where all is written. */
export interface PcapPart {
  readonly fd: number
  readonly from: number
  readonly until: number
}

/** The stamps of the first and the last of some records, in milliseconds since 1970. */
export interface StampSpan {
  readonly firstMs: number
  readonly lastMs: number
}

/** Those of the whole records in a part; undefined when there is none. */
export function stampSpan(part: PcapPart): StampSpan | undefined {
  let span: StampSpan | undefined
  forEachRecord(part, (record) => {
    const lastMs = stampOf(record)
    span = { firstMs: span?.firstMs ?? lastMs, lastMs }
    return false
  })
  return span
}

/** Where the last whole record of an open pcap file ends. */
export const endOfRecords = (fd: number): number =>
  forEachRecord({ fd, from: firstRecord, until: fstatSync(fd).size }, () => false)

/** Changes the stamps of all whole records in a part, in the file. Returns where the next record begins. */
export const changeStamps = (part: PcapPart, change: (stampMs: number) => number): number =>
  forEachRecord(part, (record) => {
    const us = Math.round(change(stampOf(record)) * 1000)
    record.writeUInt32LE(Math.floor(us / 1e6), 0)
    record.writeUInt32LE(us % 1e6, 4)
    return true
  })

const stampOf = (record: Buffer) => record.readUInt32LE(0) * 1000 + record.readUInt32LE(4) / 1000

/** Visits the headers of whole records. Those of a chunk are written back together, if a visit changed one. */
function forEachRecord({ fd, from, until }: PcapPart, visit: (header: Buffer) => boolean): number {
  const chunk = Buffer.alloc(chunkBytes)
  let next = from
  for (;;) {
    const length = readSync(fd, chunk, 0, Math.min(chunkBytes, until - next), next)
    let at = 0
    let changed = false
    while (at + headerBytes <= length) {
      const end = at + headerBytes + chunk.readUInt32LE(at + capturedLengthAt)
      if (end > length) break
      changed = visit(chunk.subarray(at, at + headerBytes)) || changed
      at = end
    }
    if (at === 0) return next
    if (changed) writeSync(fd, chunk, 0, at, next)
    next += at
  }
}
