import { appendFileSync, closeSync, openSync, writeFileSync } from 'node:fs'
import type { Room } from './room.ts'

/** A file of what a machine prints or sends, as far as there is room for it. */
export interface KeptFile {
  add(chunk: Uint8Array): void
  /** For how many bytes more there is room. */
  freeBytes(): number
  /** How many bytes had no room. */
  readonly lostBytes: number
  /** Closes it. Can be called twice; what is added later is dropped. */
  close(): void
}

/** Begins a file. @throws what the file system throws, as its functions do */
export function keepFile(path: string, room: Room): KeptFile {
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
      const closing = file
      file = undefined
      if (closing !== undefined) closeSync(closing)
    },
  }
}

/**
 * Begins a log, which says at its end how much had no room. Nothing of it throws: what can't be written any more is no
 * fault of who prints it, so the log ends there, and `onLost` receives the cause, once.
 */
export function keepLog(path: string, room: Room, onLost: (cause: unknown) => void): KeptFile {
  let file: KeptFile | undefined
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (error) {
      const broken = file
      file = undefined
      onLost(error)
      attempt(() => broken?.close())
    }
  }
  let lostBytes = 0
  attempt(() => {
    file = keepFile(path, room)
  })
  return {
    add: (chunk) =>
      attempt(() => {
        file?.add(chunk)
        lostBytes = file?.lostBytes ?? lostBytes
      }),
    freeBytes: () => file?.freeBytes() ?? 0,
    get lostBytes() {
      return lostBytes
    },
    close() {
      const closing = file
      file = undefined
      attempt(() => {
        closing?.close()
        if (closing && lostBytes > 0) appendFileSync(path, `\n[cut: ${lostBytes} bytes more]\n`)
      })
    },
  }
}
