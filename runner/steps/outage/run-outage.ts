import { setTimeout as sleep } from 'node:timers/promises'
import { type MeasuredOutage, measureOutage, type ObservedEvent } from '../../../assertions/outage/measure.ts'
import { gapFromMs, longestPauseMs } from '../../../assertions/outage/steady.ts'
import { shellArgv } from '../../../assertions/parts/shell.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { fillKept } from '../../lab/values/kept.ts'
import { type Happened, makeHappen } from '../events/make-happen.ts'
import type { StepContext } from '../step-context.ts'
import { type Meanwhile, type Outage, renderRequest } from './outage.ts'
import { startStream } from './stream.ts'

/** How long the stream flows before the first event, so that it is known how it is without one. */
const beforeMs = 1000
/** How long it may take to begin to arrive: the first datagram waits for neighbours to be found. */
const beginMs = 10_000
/**
 * How much longer than claimed a stream must be steady before it is ended: later reports still move the clocks a
 * little.
 */
const spareMs = 100
const runMs = 60_000

/**
 * Lets a stream flow between nodes, or has a server asked, while things happen, and measures what arrived. Returns
 * words when commands among them failed. `judge` judges what is claimed meanwhile, by its place among the cases.
 */
export async function runOutage(
  outage: Outage,
  step: number,
  context: StepContext,
  judge: (at: number) => Promise<void>,
): Promise<MeasuredOutage | { readonly trouble: string }> {
  const { everyMs, withinMs, forMs } = outage
  const waits = context.testbed.watchProcessorWaits()
  try {
    const stream = await startStream(outage, step, context)
    try {
      const limitMs = hostNowMs() + beginMs
      await stream.untilSteady({ fromMs: 0, lengthMs: beforeMs, gapMs: gapFromMs(everyMs, 0), limitMs })
      const happened = await doAll(outage.while, step, context, judge)
      if ('trouble' in happened) return happened
      const { events, judgedMs } = happened
      // Without an event, as a mutation leaves it, the stream is judged from here on all the same.
      const lastMs = Math.max(judgedMs, events.at(-1)?.endedMs ?? hostNowMs())
      const longestBeforeMs = longestPauseMs(stream.arrivals(), events[0]?.beganMs ?? lastMs)
      const lengthMs = forMs + spareMs
      const lastSequence = await stream.untilSteady({
        fromMs: lastMs,
        lengthMs,
        gapMs: gapFromMs(everyMs, longestBeforeMs),
        limitMs: lastMs + withinMs + lengthMs,
      })
      await stream.end()
      const record = stream.record()
      return measureOutage({
        ...record,
        request: outage.request && renderRequest(outage.request),
        everyMs,
        stalls: [...record.stalls, ...waits.end()],
        events: events.length > 0 ? events : [{ event: 'nothing', beganMs: lastMs, endedMs: lastMs }],
        withinMs,
        steadyMs: forMs,
        lastSequence,
      })
    } finally {
      stream.kill()
    }
  } finally {
    waits.end()
  }
}

/**
 * Lets things happen in order. Returns the events that they were and when a claim was last judged, or words when
 * commands failed.
 */
async function doAll(
  list: readonly Meanwhile[],
  step: number,
  context: StepContext,
  judge: (at: number) => Promise<void>,
): Promise<{ readonly events: readonly ObservedEvent[]; readonly judgedMs: number } | { readonly trouble: string }> {
  const events: ObservedEvent[] = []
  let judgedMs = 0
  for (const item of list) {
    if (item.kind === 'wait') {
      await sleep(item.durationMs, undefined, { signal: context.signal })
      continue
    }
    if (item.kind === 'expect') {
      await judge(item.at)
      judgedMs = hostNowMs()
      continue
    }
    const done = item.kind === 'run' ? await runCommands(item, step, context) : await makeHappen(item, step, context)
    if ('trouble' in done) return done
    events.push({ event: done.words, beganMs: done.beganMs, endedMs: done.endedMs })
  }
  return { events, judgedMs }
}

/** Runs commands while the stream flows. Returns them as an event, or words when they failed. */
async function runCommands(
  { node, text: declared }: Meanwhile & { readonly kind: 'run' },
  step: number,
  { nodes, kept, emit }: StepContext,
): Promise<Omit<Happened, 'event'> | { readonly trouble: string }> {
  const text = fillKept(declared, kept, true)
  const beganMs = hostNowMs()
  const result = await nodes.run(node, shellArgv(text), { timeoutMs: runMs })
  const { exitCode, stdout, stderr, cut, durationMs, timedOut } = result
  emit({ type: 'command-finished', step, node, command: text, exitCode, stdout, stderr, cut, durationMs })
  if (timedOut) return { trouble: `the commands on ${node} had not ended after ${runMs / 1000} s` }
  if (exitCode !== 0) {
    return { trouble: `the commands on ${node} ended with exit code ${exitCode}: ${stderr.trim().slice(-300)}` }
  }
  return { words: `${node}$ ${text.trim().split('\n')[0]}`, beganMs, endedMs: hostNowMs() }
}
