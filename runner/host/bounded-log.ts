import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'

/** What a machine prints on its console, kept in a file up to a bound and as a tail in memory. */
export interface BoundedLog {
  /** The last lines, without control characters. */
  tail(lines: number): string
  /** Everything kept in memory (the last 64 KiB), without control characters. */
  visibleText(): string
  /** The same as it came. */
  text(): string
  /** Calls back on each chunk until the returned function is called. */
  onChunk(listener: (text: string) => void): () => void
  close(): Promise<void>
}

const tailBytes = 64 * 1024

/**
 * Copies `source` to `file`, at most `limitBytes`; what comes after is read and dropped. `onLost` receives what keeps
 * it from being written.
 */
export function keepBounded(
  source: Readable,
  file: string,
  limitBytes: number,
  onLost: (cause: unknown) => void = () => {},
): BoundedLog {
  const out = createWriteStream(file)
  const listeners = new Set<(text: string) => void>()
  let written = 0
  let memory = ''
  out.on('error', onLost)
  source.on('error', () => {})
  source.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1')
    memory = (memory + text).slice(-tailBytes)
    for (const listener of listeners) listener(text)
    if (written >= limitBytes) return
    out.write(chunk.subarray(0, limitBytes - written))
    written += chunk.length
    if (written >= limitBytes) out.write(`\n[cut after ${limitBytes} bytes]\n`)
  })
  return {
    text: () => memory,
    visibleText: () => visible(memory),
    tail: (lines) => visible(memory).trimEnd().split('\n').slice(-lines).join('\n'),
    onChunk(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => new Promise((resolve) => out.end(resolve)),
  }
}

/** Text without escape sequences and control characters other than the line feed. */
const visible = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it removes
  text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\x00-\x09\x0b-\x1f\x7f]/g, '')
