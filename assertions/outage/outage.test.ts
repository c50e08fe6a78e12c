import { readFileSync } from 'node:fs'
import test from 'ava'
import { type MeasuredOutage, measureOutage, type ObservedStream } from './measure.ts'
import { judgeOutage, type OutageClaim, outageQuestion, renderMeasured, renderOutageClaim } from './outage.ts'
import { clockOffset, endRecord } from './records.ts'
import { steadyRun } from './steady.ts'

const file = (name: string) => readFileSync(new URL(`../fixtures/outage/${name}.txt`, import.meta.url), 'utf8')

/** A recorded stream. The machines' clocks are brought together by its quickest datagram: one took a millisecond. */
function recorded(name: string, eventAtMs: number, everyMs: number): ObservedStream {
  const sender = endRecord()
  const receiver = endRecord()
  sender.read(file(`${name}-sender`), () => {})
  receiver.read(file(`${name}-receiver`), () => {})
  const delays = receiver.arrivals.map(({ sequence, atMs }) => atMs - (sender.sends[sequence] ?? 0))
  const offsetMs = Math.min(...delays) - 1
  return {
    everyMs,
    sends: sender.sends.map((atMs) => atMs + offsetMs),
    refused: sender.refused,
    arrivals: receiver.arrivals,
    stalls: receiver.stalls,
    events: [{ event: 'link b:eth1 silent', beganMs: eventAtMs, endedMs: eventAtMs + 1 }],
    withinMs: 1000,
    steadyMs: 1000,
    unheardMs: 0,
  }
}
/** Two streams recorded under TCG: a silence of 500 ms, and a cut that nobody mended. */
const halfSecond = recorded('half-second', 1795427608023, 10)
const cut = recorded('cut', 1795427613519, 5)

/** A stream of 400 datagrams, one each 10 ms, of which some are lost; the event is at 1000 ms. */
function made(isLost: (sequence: number) => boolean, more: Partial<ObservedStream> = {}): ObservedStream {
  const sends = Array.from({ length: 400 }, (_, sequence) => 10 * sequence)
  const arrivals = sends.flatMap((atMs, sequence) => (isLost(sequence) ? [] : [{ sequence, atMs: atMs + 2 }]))
  const events = [{ event: 'link r1:eth1 down', beganMs: 1000, endedMs: 1001 }]
  return {
    everyMs: 10,
    sends,
    refused: [],
    arrivals,
    stalls: [],
    events,
    withinMs: 1000,
    steadyMs: 1000,
    unheardMs: 0,
    ...more,
  }
}
const gapOf = (claim: { atMostMs?: number; atLeastMs?: number }): OutageClaim => ({
  kind: 'longest-gap',
  bounds: claim,
})
const verdictOf = (claim: OutageClaim, measured: MeasuredOutage) => judgeOutage(claim, measured).verdict

test('a recorded silence of half a second is found by what arrived', (t) => {
  const measured = measureOutage(halfSecond)
  t.like(measured, {
    sent: 309,
    arrived: 258,
    lost: 51,
    duplicated: 0,
    reordered: 0,
    recovered: true,
    resolutionMs: 10,
  })
  t.is(measured.gaps.length, 1)
  t.true(Math.abs(measured.longestGap.lengthMs - 505) < 30, renderMeasured(measured))
  t.is(measured.longestGap.event, 'link b:eth1 silent')
  t.false(measured.longestGap.open)
})

test('a recorded cut that nobody mends lasts until the end', (t) => {
  const measured = measureOutage(cut)
  t.false(measured.recovered)
  t.true(measured.longestGap.open)
  t.true(measured.longestGap.lengthMs > 3500)
  t.is(verdictOf({ kind: 'recovers', recovers: false }, measured), 'passed')
  t.is(verdictOf({ kind: 'recovers', recovers: true }, measured), 'failed')
})

test('the end of a report may come with the next piece of output', (t) => {
  const whole = endRecord()
  const pieces = endRecord()
  const text = file('half-second-receiver')
  whole.read(text, () => {})
  for (let at = 0; at < text.length; at += 7) pieces.read(text.slice(at, at + 7), () => {})
  t.deepEqual(pieces.arrivals, whole.arrivals)
  t.deepEqual(pieces.stalls, whole.stalls)
})

test('what a record says is read with its times', (t) => {
  const sender = endRecord()
  const clocks: number[] = []
  sender.read('ready\ns 0 1000000 10000 9000\ne 1 ENETUNREACH\nc 1025000\ns 3 1029000\n', (ms) => clocks.push(ms))
  t.deepEqual(sender.sends, [1000, 1010, 1019, 1029])
  t.deepEqual(sender.refused, [{ sequence: 1, reason: 'ENETUNREACH' }])
  t.deepEqual(clocks, [1025])
})

test('the quickest report tells most about a clock', (t) => {
  const clock = clockOffset()
  t.is(clock.offsetMs(), undefined)
  for (const [guestMs, heardMs] of [
    [1000, 1530],
    [1100, 1603],
    [1200, 1750],
  ] as const)
    clock.note(guestMs, heardMs)
  t.is(clock.offsetMs(), 503)
})

test('a gap is from one arrival to the next, and is told with the event before it', (t) => {
  const measured = measureOutage(made((sequence) => sequence >= 100 && sequence < 150))
  t.deepEqual(measured.longestGap, {
    fromMs: -8,
    lengthMs: 510,
    stalledMs: 0,
    heldMs: 0,
    event: 'link r1:eth1 down',
    afterEventMs: -8,
    open: false,
  })
  t.is(measured.lost, 50)
  t.is(measured.arrivedBefore, 1)
})

test('gaps are counted, and each belongs to its event', (t) => {
  const events = [
    { event: 'link r1:eth1 down', beganMs: 1000, endedMs: 1001 },
    { event: 'link r1:eth1 up', beganMs: 2000, endedMs: 2001 },
  ]
  const isLost = (sequence: number) => (sequence >= 100 && sequence < 130) || (sequence >= 210 && sequence < 220)
  const measured = measureOutage(made(isLost, { events }))
  t.deepEqual(
    measured.gaps.map(({ event, lengthMs }) => [event, lengthMs]),
    [
      ['link r1:eth1 down', 310],
      ['link r1:eth1 up', 110],
    ],
  )
  t.is(verdictOf({ kind: 'gaps', bounds: { count: 2 } }, measured), 'passed')
})

test('a pause like those before the event is no gap', (t) => {
  const isLost = (sequence: number) => (sequence >= 50 && sequence < 65) || (sequence >= 110 && sequence < 130)
  const measured = measureOutage(made(isLost))
  t.is(measured.gapFromMs, 240)
  t.deepEqual(measured.gaps, [])
  t.is(measured.longestGap.lengthMs, 210)
})

test('what comes twice or late is counted', (t) => {
  const stream = made(() => false)
  const arrivals = [...stream.arrivals, { sequence: 120, atMs: 1300 }].map((arrival) =>
    arrival.sequence === 200 ? { ...arrival, atMs: 2025 } : arrival,
  )
  t.like(measureOutage({ ...stream, arrivals }), { duplicated: 1, reordered: 1, lost: 0 })
})

test('a bound is judged by the longest gap', (t) => {
  const measured = measureOutage(made((sequence) => sequence >= 100 && sequence < 150))
  t.is(verdictOf(gapOf({ atMostMs: 600 }), measured), 'passed')
  t.is(verdictOf(gapOf({ atMostMs: 500 }), measured), 'failed')
  t.is(verdictOf(gapOf({ atLeastMs: 500 }), measured), 'passed')
  t.is(verdictOf(gapOf({ atLeastMs: 600 }), measured), 'failed')
})

test('when the machines stood still themselves, a claim that holds in spite of that has passed, and none fails by it', (t) => {
  const stalls = [{ fromMs: 1050, untilMs: 1400 }]
  const measured = measureOutage(made((sequence) => sequence >= 100 && sequence < 150, { stalls }))
  t.is(measured.longestGap.stalledMs, 350)
  t.is(verdictOf(gapOf({ atMostMs: 600 }), measured), 'passed')
  t.is(verdictOf(gapOf({ atMostMs: 500 }), measured), 'inconclusive')
  t.is(verdictOf(gapOf({ atLeastMs: 500 }), measured), 'inconclusive')
  t.is(verdictOf(gapOf({ atMostMs: 100 }), measured), 'failed')
  t.is(verdictOf(gapOf({ atMostMs: 2000 }), measured), 'passed')
  t.is(verdictOf(gapOf({ atLeastMs: 100 }), measured), 'passed')
})

test('a sender that did not send is a stall too', (t) => {
  const stream = made((sequence) => sequence >= 100 && sequence < 150)
  const sends = stream.sends.map((atMs, sequence) => (sequence > 110 && sequence < 140 ? 1400 : atMs))
  t.true(measureOutage({ ...stream, sends }).longestGap.stalledMs > 250)
})

test('a stream that never arrived proves nothing of a failure', (t) => {
  const measured = measureOutage(made(() => true))
  for (const claim of [gapOf({ atLeastMs: 1 }), { kind: 'recovers', recovers: false }] as const)
    t.is(verdictOf(claim, measured), 'failed')
  t.is(verdictOf(gapOf({ atLeastMs: 1 }), measureOutage({ ...made(() => true), sends: [] })), 'inconclusive')
})

test('what was held up until the event did not flow before it', (t) => {
  const stream = made((sequence) => sequence < 80)
  const arrivals = stream.arrivals.map(({ sequence, atMs }) => ({ sequence, atMs: Math.max(1050, atMs) }))
  const measured = measureOutage({ ...stream, arrivals })
  t.is(measured.arrivedBefore, 0)
  t.is(verdictOf({ kind: 'recovers', recovers: true }, measured), 'failed')
  t.is(verdictOf(gapOf({ atMostMs: 1000 }), measured), 'failed')
})

test('a stream that is thinner than before has not recovered', (t) => {
  t.false(measureOutage(made((sequence) => sequence >= 100 && sequence % 2 === 0)).recovered)
  t.true(measureOutage(made((sequence) => sequence % 5 === 0)).recovered)
})

test('a stretch without a gap is measured from its first arrival', (t) => {
  const { arrivals } = made((sequence) => sequence >= 100 && sequence < 150)
  t.is(steadyRun(arrivals, 100, 1000, 1).lengthMs, 2490)
  t.is(steadyRun(arrivals, 100, 5000, 1).lengthMs, 0)
})

test('a claim is told in words', (t) => {
  t.is(
    renderOutageClaim(gapOf({ atLeastMs: 500, atMostMs: 2500 })),
    'the longest gap is at least 500 ms and at most 2.5 s',
  )
  t.is(renderOutageClaim({ kind: 'recovers', recovers: false }), 'the stream does not recover')
  t.is(renderOutageClaim({ kind: 'lost', bounds: { 'at-most': 5 } }), 'at most 5 datagrams are lost')
  t.is(renderOutageClaim({ kind: 'duplicated', bounds: { count: 0 } }), 'no datagram is duplicated')
})

test('a question does not contain its answer', (t) => {
  for (const [question, ...claims] of [
    ['How long will the longest gap be?', gapOf({ atLeastMs: 500 }), gapOf({ atMostMs: 2500 })],
    ['Will the stream recover?', { kind: 'recovers', recovers: true }, { kind: 'recovers', recovers: false }],
    ['How many datagrams will be lost?', { kind: 'lost', bounds: { count: 0 } }],
    ['How many datagrams will be duplicated?', { kind: 'duplicated', bounds: { 'at-least': 1 } }],
    ['How many gaps will the stream have?', { kind: 'gaps', bounds: { count: 1 } }],
  ] satisfies [string, ...OutageClaim[]][])
    for (const claim of claims) t.is(outageQuestion(claim), question)
})

test('a gap that is too long cannot be told from pauses that were there before the event', (t) => {
  const restless = measureOutage(
    made((sequence) => (sequence > 20 && sequence < 60) || (sequence > 100 && sequence < 160)),
  )
  t.true(restless.longestBeforeMs > 390, renderMeasured(restless))
  t.is(verdictOf(gapOf({ atMostMs: 500 }), restless), 'inconclusive')
  t.is(verdictOf(gapOf({ atMostMs: 150 }), restless), 'failed')
  t.is(verdictOf(gapOf({ atMostMs: 700 }), restless), 'passed')
  const calm = measureOutage(made((sequence) => sequence > 100 && sequence < 160))
  t.is(verdictOf(gapOf({ atMostMs: 500 }), calm), 'failed')
})

test('a stream that flows for less time than was asked has not recovered', (t) => {
  const late = (sequence: number) => sequence >= 100 && sequence < 320
  t.false(measureOutage(made(late)).recovered)
  t.true(measureOutage(made(late, { steadyMs: 700 })).recovered)
})

test('what is sent after the stream was seen steady is not judged', (t) => {
  const isLost = (sequence: number) => (sequence >= 100 && sequence < 150) || (sequence >= 280 && sequence < 300)
  t.like(measureOutage(made(isLost)), { recovered: false, lost: 70 })
  t.is(measureOutage(made(isLost)).gaps.length, 2)
  // Ended in the pause: what came before it is a recovery, and what came after it belongs to nobody.
  const ended = measureOutage(made((sequence) => isLost(sequence) || sequence > 310, { lastSequence: 260 }))
  t.like(ended, { recovered: true, sent: 261, lost: 50, untilMs: 1602 })
  t.is(ended.gaps.length, 1)
  t.false(measureOutage(made(isLost, { lastSequence: 240 })).recovered)
})

test('a steady stretch is told with its last datagram', (t) => {
  t.is(steadyRun(made((sequence) => sequence > 250).arrivals, 100, 1000, 1).lastSequence, 250)
  t.is(steadyRun([], 100, 1000, 1).lastSequence, undefined)
})

test('a recovery that machines spoilt, which waited for their turn, cannot be told', (t) => {
  const isLost = (sequence: number) => (sequence >= 100 && sequence < 150) || (sequence >= 340 && sequence < 360)
  const stalls = [{ fromMs: 3400, untilMs: 3590 }]
  const recovers = { kind: 'recovers', recovers: true } as const
  t.is(verdictOf(recovers, measureOutage(made(isLost))), 'failed')
  t.is(verdictOf(recovers, measureOutage(made(isLost, { stalls }))), 'inconclusive')
})

test('a stream that had no time to recover, because the machines lost it, has not failed to', (t) => {
  const stalls = [{ fromMs: 1200, untilMs: 3900 }]
  const stream = made((sequence) => sequence >= 100, { stalls })
  const recovers = (recovers: boolean) => ({ kind: 'recovers', recovers }) as const
  t.is(verdictOf(recovers(true), measureOutage(stream)), 'inconclusive')
  t.is(verdictOf(recovers(false), measureOutage(stream)), 'inconclusive')
  t.is(verdictOf(recovers(true), measureOutage({ ...stream, withinMs: 200 })), 'failed')
  t.is(verdictOf(recovers(false), measureOutage({ ...stream, withinMs: 200 })), 'passed')
})

test('a stall in which the outage began may hide a part of it', (t) => {
  const isLost = (sequence: number) => sequence >= 130 && sequence < 180
  const stalls = [{ fromMs: 1010, untilMs: 1292 }]
  const measured = measureOutage(made(isLost, { stalls }))
  t.is(measured.longestGap.heldMs, 282)
  t.is(verdictOf(gapOf({ atMostMs: 600 }), measured), 'inconclusive')
  t.is(verdictOf(gapOf({ atMostMs: 800 }), measured), 'passed')
  t.is(verdictOf(gapOf({ atLeastMs: 600 }), measured), 'inconclusive')
  t.is(verdictOf(gapOf({ atLeastMs: 900 }), measured), 'failed')
})

test('a gap that is surely too long is not hidden by a longer one that the machines made', (t) => {
  const isLost = (sequence: number) => (sequence >= 100 && sequence < 150) || (sequence >= 200 && sequence < 280)
  const measured = measureOutage(made(isLost, { stalls: [{ fromMs: 2000, untilMs: 2790 }] }))
  t.is(verdictOf(gapOf({ atMostMs: 400 }), measured), 'failed')
  t.is(verdictOf(gapOf({ atMostMs: 600 }), measured), 'inconclusive')
})

test('datagrams that were lost while a gap lasted too long for want of a processor are not counted for sure', (t) => {
  const measured = measureOutage(made((n) => n >= 100 && n < 150, { stalls: [{ fromMs: 1100, untilMs: 1400 }] }))
  const lost = (bounds: object) => verdictOf({ kind: 'lost', bounds }, measured)
  t.is(lost({ 'at-most': 50 }), 'passed')
  t.is(lost({ 'at-most': 30 }), 'inconclusive')
  t.is(lost({ 'at-most': 10 }), 'failed')
  t.is(lost({ 'at-least': 30 }), 'inconclusive')
  t.is(lost({ 'at-least': 60 }), 'failed')
})

/** Numbers from 0 to 1 that look random and are the same in each run (mulberry32). */
function dice(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('whatever the pauses of machines: with more of them known, no claim passes that failed, nor fails that passed', (t) => {
  const roll = dice(7)
  const upTo = (limit: number) => Math.floor(roll() * limit)
  const seen = new Set<string>()
  for (let round = 0; round < 400; round++) {
    const holes = Array.from({ length: 1 + upTo(3) }, () => ({ from: 60 + upTo(340), length: upTo(120) }))
    const isLost = (n: number) => holes.some(({ from, length }) => n >= from && n < from + length)
    const stalls = Array.from({ length: upTo(4) }, () => ({ fromMs: 800 + upTo(3200), untilMs: 0 })).map(
      ({ fromMs }) => ({ fromMs, untilMs: fromMs + upTo(1500) }),
    )
    const calm = measureOutage(made(isLost))
    const busy = measureOutage(made(isLost, { stalls }))
    const claims: OutageClaim[] = [
      gapOf({ atMostMs: 100 + upTo(1500) }),
      gapOf({ atLeastMs: 100 + upTo(1500) }),
      { kind: 'recovers', recovers: roll() < 0.5 },
      { kind: 'lost', bounds: { 'at-most': upTo(150) } },
      { kind: 'lost', bounds: { 'at-least': upTo(150) } },
      { kind: 'gaps', bounds: { count: upTo(3) } },
    ]
    for (const claim of claims) {
      const verdicts = [verdictOf(claim, calm), verdictOf(claim, busy)]
      if (verdicts[1] !== 'inconclusive' && verdicts[0] !== 'inconclusive')
        t.is(verdicts[0], verdicts[1], `${renderOutageClaim(claim)}: ${renderMeasured(busy)}`)
      seen.add(`${claim.kind} ${verdicts[1]}`)
    }
  }
  for (const kind of ['longest-gap', 'recovers', 'lost', 'gaps'])
    for (const verdict of ['passed', 'failed', 'inconclusive'])
      t.true(seen.has(`${kind} ${verdict}`), `${kind} ${verdict}`)
})

test('a gap within the limit has passed however much of it was the machines', (t) => {
  const roll = dice(11)
  for (let round = 0; round < 200; round++) {
    const length = 1 + Math.floor(roll() * 250)
    const fromMs = 1000 + roll() * 10 * length
    const stalls = [{ fromMs, untilMs: fromMs + roll() * 10 * length }]
    const measured = measureOutage(made((n) => n >= 100 && n < 100 + length, { stalls }))
    t.is(verdictOf(gapOf({ atMostMs: 10 * length + 20 }), measured), 'passed')
  }
})

test('requests are told as such, with why they had no answer, and in whichever order they came', (t) => {
  const stream = made((n) => n >= 100 && n < 150, { request: 'HTTP /' })
  const refused = Array.from({ length: 50 }, (_, n) => ({ sequence: 100 + n, reason: 'ECONNREFUSED' }))
  const arrivals = stream.arrivals.map((one) => (one.sequence % 3 === 0 ? { ...one, atMs: one.atMs + 25 } : one))
  const measured = measureOutage({ ...stream, refused, arrivals })
  t.like(measured, { request: 'HTTP /', lost: 50, reordered: 0, recovered: true })
  t.regex(renderMeasured(measured), /; 50 of 400 requests \(HTTP \/\) unanswered: ECONNREFUSED; recovered;/)
  const dead = measureOutage(made(() => true, { request: 'TCP 80', refused: [{ sequence: 0, reason: 'HTTP-503' }] }))
  t.is(
    judgeOutage({ kind: 'recovers', recovers: true }, dead).found,
    'nothing was answered even before the first event: HTTP-503',
  )
})
