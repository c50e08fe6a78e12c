import { clockOffset, type EndRecord, endRecord } from '../../../assertions/outage/records.ts'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { nodeError } from '../nodes.ts'
import { keepScopeLog } from '../scope-context.ts'
import type { StepContext } from '../step-context.ts'

/** How long an end may take to begin, and to end when it is asked to. */
const startMs = 30_000

/** One end of a stream, or who makes requests: a script that runs in a node. */
export interface StreamEnd {
  readonly node: string
  readonly record: EndRecord
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
 * Starts one end of a stream, or who makes requests, in a node; `argv` is its script with arguments. What it prints
 * goes into its record, and into the log of that name.
 */
export function startEnd(node: string, argv: readonly string[], logName: string, context: StepContext): StreamEnd {
  const { nodes, signal, clock } = context
  const record = endRecord()
  const offset = clockOffset()
  const cannot = `cannot start the stream on ${node}`
  let isReady = () => {}
  const begun = new Promise<void>((resolve) => {
    isReady = resolve
  })
  const log = keepScopeLog(logName, context)
  const flooded = Promise.withResolvers<never>()
  flooded.promise.catch(() => {})
  const tooMuch = `cannot measure the stream on ${node}: it printed more than there was room for`
  let errors = ''
  let asked = false
  let ended = false
  const running = nodes.start(node, ['python3', '-I', '-S', '-c', ...argv], {
    holdsInput: true,
    onOutput(stream, chunk) {
      log.add(chunk)
      if (log.lostBytes > 0) return flooded.reject(machineryError(tooMuch))
      const text = Buffer.from(chunk).toString()
      if (stream === 'stderr') errors = (errors + text).slice(-4096)
      else record.read(text, (guestMs) => offset.note(guestMs, hostNowMs()))
      if (stream === 'stdout') isReady()
    },
  })
  const end = () => {
    ended = true
    log.close()
  }
  const over = running.ended.then(end, end)
  const failed = over.then(() => {
    const message = `${cannot}: ${errors.trim().split('\n').at(-1) || 'it ended'}`
    throw nodeError(message, errors)
  })
  failed.catch(() => {})
  let lost = false
  void over.then(() => {
    lost = !asked
  })
  const ready = within(Promise.race([begun, failed, flooded.promise]), startMs, cannot, signal, clock)
  ready.catch(() => {})
  return {
    ready,
    node,
    record,
    offsetMs: () => offset.offsetMs() ?? 0,
    isLost: () => lost,
    async stop() {
      if (log.lostBytes > 0) throw machineryError(tooMuch)
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
