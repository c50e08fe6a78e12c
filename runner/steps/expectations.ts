import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Conclusion, Probe, World } from '../../assertions/assertion.ts'
import { coveredMs } from '../../assertions/outage/stalls.ts'
import { missingNamespace } from '../../assertions/parts/answer.ts'
import { hostNowMs } from '../host/host-now.ts'
import type { ProcessorLock } from '../host/processor-lock.ts'
import type { KeepingPlace } from '../host/room.ts'
import type { Expectation } from '../lab/lab.ts'
import type { MachineClock } from '../providers/machine-clock.ts'
import type { Testbed } from '../providers/provider.ts'
import type { Background } from './background/background.ts'
import type { LiveCaptures } from './captures/live-captures.ts'
import { assertionNamed, judgeAnswers } from './judge-answers.ts'
import type { Nodes } from './nodes.ts'
import type { RoundTrips } from './round-trips.ts'
import { isEnough, longerMs, silenceOf, untold } from './silence.ts'
import { bounded, renderCommand, renderTranscript, type TranscriptEntry } from './transcript.ts'

/** What expectations may ask, and where long answers lie meanwhile. */
export interface ProbeContext extends KeepingPlace {
  readonly nodes: Nodes
  readonly world: World
  readonly roundTrips: RoundTrips
  readonly captures: LiveCaptures
  readonly background: Background
  readonly processors: ProcessorLock
  readonly clock: MachineClock
  readonly testbed: Pick<Testbed, 'watchProcessorWaits'>
  readonly signal: AbortSignal
}

/** A verdict that stands. */
export interface Judged {
  readonly judgement: Conclusion
  /** The commands alone, the first of them where they are many. */
  readonly asked: readonly string[]
  /** Commands of the last attempt with what they printed. */
  readonly transcript: string
  /** Whether a command of the last attempt was for a network namespace that is not there. */
  readonly isNodeMissing: boolean
  readonly attempts: number
}

/**
 * Between the end of an attempt and the next: short beside any protocol's timers, and longer the longer it has been
 * waited, because each attempt costs the machines a tenth of a second of work under emulation.
 */
const paceMs = 100
const longestPaceMs = 500
const paceAfter = (waitedMs: number) => Math.min(Math.max(paceMs, waitedMs / 8), longestPaceMs)

/** How often it is looked at least whether something stays true, on a host that lets nobody look more often. */
const fewestLooks = 2

/**
 * Judges an expectation until it passes or `within` is over; then keeps judging while `for` lasts, and every attempt
 * must pass. Time in which the host held machines up does not count. An attempt that has begun in time counts, also
 * when it ends late.
 * @throws WirelabError of kind machinery when a machine is gone
 */
export async function judgeExpectation(expectation: Expectation, context: ProbeContext): Promise<Judged> {
  const { clock } = context
  const startedMs = clock.nowMs()
  let attempts = 0
  const attempt = async () => {
    attempts++
    return { ...(await judgeOnce(expectation, context)), attempts }
  }
  let judged = await attempt()
  for (;;) {
    const waitedMs = clock.nowMs() - startedMs
    // However long the pace has become, the last attempt is made when the time is nearly over.
    const pauseMs = Math.min(paceAfter(waitedMs), Math.max(paceMs, expectation.withinMs - waitedMs - paceMs))
    if (isSettled(judged.judgement) || waitedMs + pauseMs >= expectation.withinMs) break
    await sleep(pauseMs, undefined, { signal: context.signal })
    judged = await attempt()
  }
  const passed = { atMs: clock.nowMs(), attempts }
  const isOver = () =>
    clock.nowMs() - passed.atMs >= expectation.forMs &&
    (expectation.forMs === 0 || attempts - passed.attempts >= fewestLooks)
  while (judged.judgement.verdict === 'passed' && !isOver()) {
    await sleep(paceMs, undefined, { signal: context.signal })
    judged = await attempt()
  }
  return judged
}

/** Whether asking again would say the same. */
const isSettled = ({ verdict }: Conclusion): boolean => verdict === 'passed' || verdict === 'skipped'

/** A busy host: its machines waited for a processor for more than this part of the time. */
const busyShare = 0.1

/**
 * Judges once. That no answer came is asked again, and waited for in full and longer, where machines may have been held
 * up too long to answer, or for a while when it was waited for in haste. When they were so then, too, it cannot be told.
 */
async function judgeOnce(expectation: Expectation, context: ProbeContext): Promise<Omit<Judged, 'attempts'>> {
  const { world, roundTrips } = context
  const slowestMs = roundTrips.slowestMs()
  const knowing = slowestMs === undefined ? world : { ...world, slowestRoundTripMs: slowestMs }
  const first = await judgeWatched(knowing, expectation, context)
  const isBusy = first.heldUpMs > busyShare * first.tookMs
  if (isBusy) roundTrips.forget()
  else roundTrips.note(first.judgement)
  const fullMs = silenceOf(probesOf(expectation, world))
  const inHaste = isBusy && first.silenceMs < fullMs
  if (first.judgement.verdict !== 'passed' || (!inHaste && isEnough(first, first.silenceMs))) return first
  const second = await judgeWatched({ ...world, longerMs: longerMs(first.heldUpMs) }, expectation, context)
  const { judgement, probes, heldUpMs } = second
  if (judgement.verdict !== 'passed' || isEnough(second, fullMs)) return second
  return { ...second, judgement: untold(judgement, heldUpMs, probes) }
}

/** Judges, and reports how long it took and for how long of that machines were held up. */
async function judgeWatched(world: World, expectation: Expectation, context: ProbeContext) {
  const { assertion, parameters } = expectation
  const probes = probesOf(expectation, world)
  const askThis = assertionNamed(assertion).measuresTime ? askShared : ask
  const fromMs = hostNowMs()
  const entries: readonly TranscriptEntry[] = await Promise.all(
    probes.map(async (probe) => ({ command: commandOf(probe), answer: await askThis(probe, context) })),
  )
  const answers = entries.map(({ answer }) => answer)
  const judgement = await judgeAnswers({ assertion, parameters, answers, world }, context.signal)
  const untilMs = hostNowMs()
  const waits = context.clock.waits().filter((wait) => wait.untilMs > fromMs)
  const heldUpMs = coveredMs(waits, fromMs, untilMs)
  const transcript = renderTranscript(entries)
  const asked = commandsOf(probes)
  const isNodeMissing = answers.some(({ stderr }) => missingNamespace(stderr) !== undefined)
  const told = { judgement, asked, transcript, isNodeMissing }
  return { ...told, probes, silenceMs: silenceOf(probes), tookMs: untilMs - fromMs, heldUpMs }
}

const mostCommands = 8
const commandLimit = 2000

/** What a person at the node would type to look for what probes ask; scripts of ours are nothing for people. */
const commandsOf = (probes: readonly Probe[]): readonly string[] => [
  ...new Set(
    probes
      .flatMap((probe) => {
        if (probe.kind !== 'command') return probe.kind === 'capture' ? [commandOf(probe)] : []
        const { node, argv, typed = argv } = probe
        if (['sh', 'python3'].includes(typed[0])) return []
        const words = typed.filter((word) => word !== '-j')
        return [bounded(renderCommand(node, words), commandLimit)]
      })
      .slice(0, mostCommands),
  ),
]

/** The commands by which an expectation is judged; none where they depend on what only a run knows. */
export const plannedCommands = (expectation: Expectation, world: World): readonly string[] =>
  expectation.holdsKept ? [] : commandsOf(probesOf(expectation, world))

const probesOf = ({ assertion, parameters }: Expectation, world: World): readonly Probe[] =>
  assertionNamed(assertion).probe(parameters, world)

/** The first node that an expectation runs a command on; undefined when it runs none. */
export const nodeAsked = (expectation: Expectation, world: World): string | undefined =>
  probesOf(expectation, world).flatMap((probe) => (probe.kind === 'command' ? probe.node : []))[0]

function commandOf(probe: Probe): string {
  if (probe.kind === 'command') return renderCommand(probe.node, probe.argv)
  if (probe.kind === 'capture') return renderCommand(`capture ${probe.capture}`, ['tcpdump', probe.filter])
  return renderCommand(`process ${probe.process}`, [])
}

async function ask(probe: Probe, { nodes, captures, background, folder, room }: ProbeContext): Promise<Answer> {
  if (probe.kind === 'command') {
    const result = await nodes.run(probe.node, probe.argv, { timeoutMs: probe.timeoutMs, wholeIn: { folder, room } })
    return { ...result, ...result.whole }
  }
  if (probe.kind === 'capture') return captures.named(probe.capture).frames(probe.filter)
  return background.answer(probe.process)
}

/** Asks when it is quiet, and tells with the answer how much of the time some machine waited for a processor. */
const askShared = async (probe: Probe, context: ProbeContext): Promise<Answer> =>
  context.processors.quietly(async () => {
    const watch = context.testbed.watchProcessorWaits()
    try {
      const answer = await ask(probe, context)
      return { ...answer, waitedMs: coveredMs(watch.end(), 0, Number.POSITIVE_INFINITY) }
    } finally {
      watch.end()
    }
  }, context.signal)
