import type { KeptFile } from '../../host/kept-file.ts'
import type { KeepingPlace } from '../../host/room.ts'
import { boundedOutput } from '../../transports/bounded-output.ts'
import type { PrintedText } from '../../transports/transport.ts'
import { wholePrinted } from '../../transports/whole-output.ts'

const outputBytes = 256 * 1024
/** Longer than any number of a session. */
const headBytes = 100

/** What a background process prints. The first line of its standard output is not its own: it names its session. */
export interface ProcessOutput {
  receive(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** Resolves when the session is known. */
  readonly begun: Promise<void>
  /** Its session; undefined until it is known. */
  session(): string | undefined
  /** Resolves when it has printed what was waited for; at once when nothing was. */
  readonly said: Promise<void>
  /** What it printed so far, for people; of long streams the beginning and the end. */
  printed(): PrintedText
  /** All that it printed so far. */
  whole(): PrintedText
  /** How many bytes of it are not in the log, for want of room. */
  lostBytes(): number
  /** Adds words that are not its own to its standard error, for people alone. */
  note(words: string): void
  /** Closes the log. */
  close(): void
}

/**
 * Keeps what a process prints, all of it in `log`, and waits for `ready` in it. What is too long for memory is in
 * `place`.
 */
export function processOutput(log: KeptFile, place: KeepingPlace, ready: string | undefined): ProcessOutput {
  const kept = { stdout: boundedOutput(outputBytes), stderr: boundedOutput(outputBytes) }
  const whole = wholePrinted(place)
  const begun = Promise.withResolvers<void>()
  const said = Promise.withResolvers<void>()
  let waited = ready === undefined ? undefined : Buffer.from(ready).toString('latin1')
  if (waited === undefined) said.resolve()
  let session: string | undefined
  let head = ''
  let printed = ''

  const keep = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => {
    kept[stream].add(chunk)
    whole[stream].add(chunk)
    log.add(chunk)
    if (waited === undefined) return
    const looked = printed + Buffer.from(chunk).toString('latin1')
    printed = looked.slice(-waited.length)
    if (!looked.includes(waited)) return
    waited = undefined
    said.resolve()
  }
  return {
    begun: begun.promise,
    said: said.promise,
    session: () => session,
    receive(stream, chunk) {
      if (stream === 'stderr' || session !== undefined) return keep(stream, chunk)
      head += Buffer.from(chunk).toString('latin1')
      const end = head.indexOf('\n')
      // A machine that prints no line is not to fill the memory.
      if (end < 0) head = head.slice(0, headBytes)
      if (end < 0) return
      session = head.slice(0, end)
      begun.resolve()
      if (end + 1 < head.length) keep('stdout', Buffer.from(head.slice(end + 1), 'latin1'))
    },
    printed() {
      const { stdout, stderr } = kept
      return { stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut || stderr.cut }
    },
    whole: whole.printed,
    lostBytes: () => log.lostBytes,
    note(words) {
      kept.stderr.add(Buffer.from(words))
    },
    close() {
      whole.close()
      log.close()
    },
  }
}
