import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  gapFromMs,
  longestPauseMs,
  type MeasuredOutage,
  measureOutage,
  type ObservedEvent,
  steadyRun,
} from '../../../assertions/outage/measure.ts'
import { type Arrival, receiverRecord, type Stall, senderRecord } from '../../../assertions/outage/records.ts'
import { stepFile } from '../../host/results-folder.ts'
import type { Outage, OutageDeed } from '../../lab/lab.ts'
import { streamReceiverScript, streamSenderScript } from '../../providers/guest/guest-scripts.ts'
import { hostTimeMs, makeHappen } from '../events/make-happen.ts'
import type { StepContext } from '../step-context.ts'
import { type StreamEnd, startEnd } from './stream-end.ts'

/** The figures, or why the deeds could not be done. */
export type RanOutage = { readonly measured: MeasuredOutage } | { readonly trouble: string }

/** The port of the streams: above those of services, below those that Linux gives to clients. */
const port = 17_100
/** How long the stream flows before the first event, so that it is known how it is without one. */
const beforeMs = 1000
/** How long it may take to begin to arrive: the first datagram waits for neighbours to be found. */
const beginMs = 10_000
const paceMs = 50
/** Time between two reports of the ends. What a receiver that dies has not reported yet is lost. */
const reportMs = 100
/** How long what is on its way may take to arrive when nothing is sent any more. */
const drainMs = 500
/**
 * How much longer than claimed a stream must be steady before it is ended: later reports still move the clocks a
 * little.
 */
const spareMs = 100
const runMs = 60_000

/** Lets a stream flow between nodes, does the deeds meanwhile, and measures what arrived. */
export async function runOutage(outage: Outage, step: number, context: StepContext): Promise<RanOutage> {
  const { signal } = context
  const { everyMs, withinMs, forMs } = outage
  const token = randomBytes(4).toString('hex')
  const receivers: StreamEnd<ReturnType<typeof receiverRecord>>[] = []
  let sender: StreamEnd<ReturnType<typeof senderRecord>> | undefined
  const waits = context.testbed.watchProcessorWaits()
  try {
    const family = isIPv6(outage.to) ? '6' : '4'
    const words = [String(port), String(everyMs * 1000), token, String(reportMs)] as const
    const logOf = (end: string, node: string) => stepFile(step, `${end}-${node}.log`)
    for (const node of outage.at) {
      const log = logOf('receiver', node)
      receivers.push(startEnd(node, streamReceiverScript, [family, ...words], receiverRecord(), log, context))
    }
    const log = logOf('sender', outage.from)
    sender = startEnd(outage.from, streamSenderScript, [outage.to, ...words], senderRecord(), log, context)
    // Together: what is sent before a receiver is ready does not count.
    await Promise.all([sender.ready, ...receivers.map(({ ready }) => ready)])

    const arrivals = () => receivers.flatMap(arrivalsOf).toSorted((left, right) => left.atMs - right.atMs)
    // Returns the last datagram of the steady time, or nothing when there was none until the limit.
    const untilSteady = async (fromMs: number, lengthMs: number, gapMs: number, limitMs: number) => {
      while (hostTimeMs() < limitMs) {
        const run = steadyRun(arrivals(), gapMs, fromMs, 1)
        if (run.lengthMs >= lengthMs && run.lastMs > hostTimeMs() - 2 * reportMs - gapMs) return run.lastSequence
        await sleep(paceMs, undefined, { signal })
      }
      return undefined
    }
    await untilSteady(0, beforeMs, gapFromMs(everyMs, 0), hostTimeMs() + beginMs)

    const events: ObservedEvent[] = []
    for (const deed of outage.while) {
      const done = await doDeed(deed, step, context)
      if (typeof done === 'string') return { trouble: done }
      if (done) events.push(done)
    }
    // Without an event, as a mutation leaves it, the stream is judged from here on all the same.
    const lastMs = events.at(-1)?.endedMs ?? hostTimeMs()
    const longestBeforeMs = longestPauseMs(arrivals(), events[0]?.beganMs ?? lastMs)
    const steadyMs = forMs + spareMs
    const gapMs = gapFromMs(everyMs, longestBeforeMs)
    const lastSequence = await untilSteady(lastMs, steadyMs, gapMs, lastMs + withinMs + steadyMs)
    await sender.stop()
    await sleep(drainMs, undefined, { signal })
    await Promise.all(receivers.map((end) => end.stop()))

    const began = events.length > 0 ? events : [{ event: 'nothing', beganMs: lastMs, endedMs: lastMs }]
    const offsetMs = sender.offsetMs()
    const measured = measureOutage({
      everyMs,
      sends: sender.record.sends.map((atMs) => atMs + offsetMs),
      refused: sender.record.refused,
      arrivals: arrivals(),
      stalls: [...receivers.flatMap(stallsOf), ...waits.end()],
      events: began,
      steadyMs: forMs,
      lastSequence,
      unheardMs: receivers.some(({ isLost }) => isLost()) ? reportMs : 0,
    })
    return { measured }
  } finally {
    waits.end()
    for (const end of [sender, ...receivers]) end?.kill()
  }
}

/** Does one deed. Returns the event that it was, nothing for a mere wait, or words when its commands failed. */
async function doDeed(
  deed: OutageDeed,
  step: number,
  context: StepContext,
): Promise<ObservedEvent | string | undefined> {
  const { nodes, signal, emit } = context
  if (deed.kind === 'wait') {
    await sleep(deed.durationMs, undefined, { signal })
    return undefined
  }
  if (deed.kind !== 'run') {
    const { words: event, beganMs, endedMs } = await makeHappen(deed, step, context)
    return { event, beganMs, endedMs }
  }
  const beganMs = hostTimeMs()
  const { node, text } = deed
  const result = await nodes.run(node, shellArgv(text), { timeoutMs: runMs, signal })
  const { exitCode, stdout, stderr, cut, durationMs, timedOut } = result
  emit({ type: 'command-finished', step, node, command: text, exitCode, stdout, stderr, cut, durationMs })
  if (timedOut) return `the commands on ${node} had not ended after ${runMs / 1000} s`
  if (exitCode !== 0) return `the commands on ${node} ended with exit code ${exitCode}: ${stderr.trim().slice(-300)}`
  return { event: `${node}$ ${text.trim().split('\n')[0]}`, beganMs, endedMs: hostTimeMs() }
}

const shellArgv = (text: string) => ['bash', '-e', '-c', text] as const

type Receiver = StreamEnd<ReturnType<typeof receiverRecord>>

function arrivalsOf({ record, offsetMs }: Receiver): Arrival[] {
  const offset = offsetMs()
  return record.arrivals.map(({ sequence, atMs }) => ({ sequence, atMs: atMs + offset }))
}

function stallsOf({ record, offsetMs }: Receiver): Stall[] {
  const offset = offsetMs()
  return record.stalls.map(({ fromMs, untilMs }) => ({ fromMs: fromMs + offset, untilMs: untilMs + offset }))
}
