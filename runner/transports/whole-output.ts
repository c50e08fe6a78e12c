import { constants } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { KeepingPlace } from '../host/room.ts'
import type { PrintedText } from './transport.ts'

/** Output kept whole, for who judges it. */
export interface WholeOutput {
  add(chunk: Uint8Array): void
  /** All of it as text, or its beginning when it is `cut`; bytes that are not UTF-8 become U+FFFD. */
  text(): string
  /** Something was left out: it was more than a text can hold, than there was room for, or than the disk took. */
  readonly cut: boolean
  /** Frees what it takes; nothing more is kept. */
  close(): void
}

/** How much stays in memory. What is longer goes to the disk until it is read. */
const memoryBytes = 1024 * 1024
/** A claim may join both streams in one string. */
const textBytes = constants.MAX_STRING_LENGTH / 2 - 1024

/**
 * Keeps a stream, as far as there is room; what is too long for memory in a file of the folder, which has no name and
 * is
 * gone with the process.
 */
export function wholeOutput({ folder, room }: KeepingPlace): WholeOutput {
  const share = room.share()
  let chunks: Uint8Array[] = []
  let inMemory = 0
  let file: number | undefined
  let onDisk = 0
  let cut = false

  const spill = () => {
    file ??= openUnnamed(folder)
    const bytes = Buffer.concat(chunks)
    chunks = []
    inMemory = 0
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, onDisk + at)
    onDisk += bytes.length
  }
  return {
    add(chunk) {
      if (cut) return
      const taken = chunk.subarray(0, share.take(Math.min(chunk.length, textBytes - onDisk - inMemory)))
      cut = taken.length < chunk.length
      chunks.push(taken)
      inMemory += taken.length
      if (inMemory <= memoryBytes) return
      try {
        spill()
      } catch {
        // No room: what is on the disk is the beginning.
        cut = true
      }
    },
    text() {
      const bytes = Buffer.alloc(onDisk + inMemory)
      for (let at = 0; file !== undefined && at < onDisk; ) at += readSync(file, bytes, at, onDisk - at, at)
      Buffer.concat(chunks).copy(bytes, onDisk)
      return bytes.toString('utf8')
    },
    get cut() {
      return cut
    },
    close() {
      cut = true
      chunks = []
      share.free()
      if (file !== undefined) closeSync(file)
      file = undefined
      onDisk = 0
      inMemory = 0
    },
  }
}

/** Keeps both streams of a command whole, as `wholeOutput` does. */
export function wholePrinted(place: KeepingPlace) {
  const stdout = wholeOutput(place)
  const stderr = wholeOutput(place)
  return {
    stdout,
    stderr,
    printed: (): PrintedText => ({
      stdout: stdout.text(),
      stderr: stderr.text(),
      cut: stdout.cut || stderr.cut,
    }),
    close() {
      stdout.close()
      stderr.close()
    },
  }
}

function openUnnamed(folder: string): number {
  const path = join(folder, `.output-${randomUUID()}`)
  const file = openSync(path, 'wx+', 0o600)
  rmSync(path)
  return file
}
