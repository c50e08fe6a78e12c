import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { Room } from './room.ts'

/** A file of what a machine prints or sends, as far as there is room for it. */
export interface KeptFile {
  add(chunk: Uint8Array): void
  /** For how many bytes more there is room. */
  freeBytes(): number
  /** How many bytes had no room. */
  readonly lostBytes: number
  /** Closes it; a log that was cut says so at its end. Can be called twice; what is added later is dropped. */
  close(): void
}

/** Begins a file. @throws what the file system throws, as its functions do */
export function keepFile(path: string, room: Room, kind: 'log' | 'data'): KeptFile {
  const share = room.share()
  let file: number | undefined = openSync(path, 'w')
  return {
    add(chunk) {
      if (file === undefined) return
      const bytes = share.take(chunk.length)
      // Unlike writeSync, writeFileSync goes on after a part was written.
      if (bytes > 0) writeFileSync(file, chunk.subarray(0, bytes))
    },
    freeBytes: share.freeBytes,
    get lostBytes() {
      return share.lostBytes
    },
    close() {
      if (file === undefined) return
      const closing = file
      file = undefined
      try {
        if (kind === 'log' && share.lostBytes > 0) writeFileSync(closing, `\n[cut: ${share.lostBytes} bytes more]\n`)
      } finally {
        closeSync(closing)
      }
    },
  }
}
