import { closeSync, openSync, writeSync } from 'node:fs'
import { clockOffset } from '../../../assertions/outage/records.ts'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { pathInside } from '../../host/file-names.ts'
import { hostTimeMs } from '../events/make-happen.ts'
import type { StepContext } from '../step-context.ts'

/** How long an end may take to begin, and to end when it is asked to. */
const startMs = 30_000

/** One end of a stream, that runs in a node. */
export interface StreamEnd<R> {
  readonly node: string
  readonly record: R
  /** Resolves when it works. @throws WirelabError of kind machinery */
  readonly ready: Promise<void>
  /** What turns the machine's clock into the host's. */
  offsetMs(): number
  /** Whether it ended though nobody asked it to. */
  isLost(): boolean
  stop(): Promise<void>
  kill(): void
}

/**
 * Starts one end of a stream in a node; `words` are its script's arguments. What it prints goes into `record`, and into
 * the log of that name.
 */
export function startEnd<R extends { read(chunk: string, clock: (guestMs: number) => void): void }>(
  node: string,
  script: string,
  words: readonly string[],
  record: R,
  logName: string,
  { nodes, signal, folder, clock }: StepContext,
): StreamEnd<R> {
  const offset = clockOffset()
  const cannot = `cannot start the stream on ${node}`
  let isReady = () => {}
  const begun = new Promise<void>((resolve) => {
    isReady = resolve
  })
  const log = openSync(pathInside(folder, logName), 'w')
  let errors = ''
  let asked = false
  let ended = false
  const running = nodes.start(node, ['python3', '-I', '-S', '-c', script, ...words], {
    holdsInput: true,
    onOutput(stream, chunk) {
      const text = Buffer.from(chunk).toString()
      writeSync(log, chunk)
      if (stream === 'stderr') errors += text
      else record.read(text, (guestMs) => offset.note(guestMs, hostTimeMs()))
      if (stream === 'stdout') isReady()
    },
  })
  const end = () => {
    ended = true
    closeSync(log)
  }
  const over = running.ended.then(end, end)
  const failed = over.then(() => {
    throw machineryError(`${cannot}: ${errors.trim().split('\n').at(-1) || 'it ended'}`)
  })
  failed.catch(() => {})
  let lost = false
  void over.then(() => {
    lost = !asked
  })
  const ready = within(Promise.race([begun, failed]), startMs, cannot, signal, clock)
  ready.catch(() => {})
  return {
    ready,
    node,
    record,
    offsetMs: () => offset.offsetMs() ?? 0,
    isLost: () => lost,
    async stop() {
      asked = true
      if (ended) return
      // A signal would take a login of its own, whose work can delay what the machine forwards.
      running.endInput()
      await within(over, startMs, `cannot end the stream on ${node}`, signal, clock)
    },
    kill() {
      asked = true
      if (!ended) running.signal('KILL')
    },
  }
}
