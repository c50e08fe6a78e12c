import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObservedStream } from '../../../assertions/outage/measure.ts'
import type { Arrival, Stall } from '../../../assertions/outage/records.ts'
import { steadyRun } from '../../../assertions/outage/steady.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { stepFile } from '../../host/results-folder.ts'
import { requestSenderScript, streamReceiverScript, streamSenderScript } from '../../providers/guest/guest-scripts.ts'
import type { StepContext } from '../step-context.ts'
import type { Outage, Request } from './outage.ts'
import { type StreamEnd, startEnd } from './stream-end.ts'

/** The port of the streams: above those of services, below those that Linux gives to clients. */
const port = 17_100
/** Time between two reports of the ends. What a receiver that dies has not reported yet is lost. */
const reportMs = 100
/** How long a request may take to be answered. */
const patienceMs = 1000
/** How long what is on its way may take to arrive when nothing is sent any more. */
const drainMs = 500
const paceMs = 50

/** A stream that flows between nodes, or requests and their answers. */
export interface Stream {
  /** What arrived so far at any receiver, in order. */
  arrivals(): Arrival[]
  /** Waits until it is steady. Returns the last datagram of that time, or nothing when it was not within the limit. */
  untilSteady(wanted: SteadyTime): Promise<number | undefined>
  /** Sends no more, and waits for what is on its way. */
  end(): Promise<void>
  /** What its ends have recorded, in the host's time. */
  record(): StreamRecord
  /** Ends it at once; nothing to do when it has ended. */
  kill(): void
}

/** A time in which a stream flows without a gap. Times by the host's clock are milliseconds since 1970. */
export interface SteadyTime {
  /** When it may begin, by the host's clock. */
  readonly fromMs: number
  readonly lengthMs: number
  /** A longer pause is a gap. */
  readonly gapMs: number
  /** When it is too late, by the host's clock; what machines wait for processors until then is added. */
  readonly limitMs: number
}

export type StreamRecord = Pick<ObservedStream, 'sends' | 'refused' | 'arrivals' | 'stalls' | 'unheardMs'>

/** Lets a stream flow; when this is done, all its ends work. @throws WirelabError of kind machinery */
export async function startStream(outage: Outage, step: number, context: StepContext): Promise<Stream> {
  if (outage.request) return startRequests(outage, outage.request, step, context)
  const words = [String(port), String(outage.everyMs * 1000), randomBytes(4).toString('hex'), String(reportMs)]
  const family = isIPv6(outage.to) ? '6' : '4'
  const ends: { kill(): void }[] = []
  const kill = () => {
    for (const end of ends) end.kill()
  }
  const receive = (node: string): StreamEnd => {
    const log = stepFile(step, `receiver-${node}`, 'log')
    const end = startEnd(node, [streamReceiverScript, family, ...words], log, context)
    ends.push(end)
    return end
  }
  try {
    const receivers = outage.at.map(receive)
    const log = stepFile(step, `sender-${outage.from}`, 'log')
    const sender = startEnd(outage.from, [streamSenderScript, outage.to, ...words], log, context)
    ends.push(sender)
    // Together: what is sent before a receiver is ready does not count.
    await Promise.all([sender.ready, ...receivers.map(({ ready }) => ready)])
    return streamOf(sender, receivers, { kill, drainMs }, context)
  } catch (error) {
    kill()
    throw error
  }
}

/** Has a server asked again and again. Who asks hears the answers too, and ends when none is to come any more. */
async function startRequests(
  { from, to, everyMs }: Outage,
  { kind, port: at, wanted }: Request,
  step: number,
  context: StepContext,
): Promise<Stream> {
  const words = [to, String(at), kind, wanted, String(everyMs * 1000), String(patienceMs), String(reportMs)]
  const end = startEnd(from, [requestSenderScript, ...words], stepFile(step, `requests-${from}`, 'log'), context)
  const kill = () => end.kill()
  try {
    await end.ready
    return streamOf(end, [end], { kill, drainMs: 0 }, context)
  } catch (error) {
    kill()
    throw error
  }
}

function streamOf(
  sender: StreamEnd,
  receivers: readonly StreamEnd[],
  { kill, drainMs }: { readonly kill: () => void; readonly drainMs: number },
  { signal, clock }: StepContext,
): Stream {
  const arrivals = () => receivers.flatMap(arrivalsOf).toSorted((left, right) => left.atMs - right.atMs)
  return {
    arrivals,
    async untilSteady({ fromMs, lengthMs, gapMs, limitMs }) {
      const untilMs = clock.nowMs() + limitMs - hostNowMs()
      while (clock.nowMs() < untilMs) {
        const run = steadyRun(arrivals(), gapMs, fromMs, 1)
        if (run.lengthMs >= lengthMs && run.lastMs > hostNowMs() - 2 * reportMs - gapMs) return run.lastSequence
        await sleep(paceMs, undefined, { signal })
      }
      return undefined
    },
    async end() {
      await sender.stop()
      await sleep(drainMs, undefined, { signal })
      await Promise.all(receivers.map((end) => end.stop()))
    },
    record() {
      const offsetMs = sender.offsetMs()
      return {
        sends: sender.record.sends.map((atMs) => atMs + offsetMs),
        refused: sender.record.refused,
        arrivals: arrivals(),
        stalls: receivers.flatMap(stallsOf),
        unheardMs: receivers.some(({ isLost }) => isLost()) ? reportMs : 0,
      }
    },
    kill,
  }
}

function arrivalsOf({ record, offsetMs }: StreamEnd): Arrival[] {
  const offset = offsetMs()
  return record.arrivals.map(({ sequence, atMs }) => ({ sequence, atMs: atMs + offset }))
}

function stallsOf({ record, offsetMs }: StreamEnd): Stall[] {
  const offset = offsetMs()
  return record.stalls.map(({ fromMs, untilMs }) => ({ fromMs: fromMs + offset, untilMs: untilMs + offset }))
}
