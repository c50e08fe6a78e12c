import test from 'ava'
import { hostNowMs } from '../host/host-now.ts'
import type { ProcessorWait } from '../providers/provider.ts'
import { labOf, mistakesOf, withSteps } from '../testing/test-labs.ts'
import { labWith, runTest } from '../testing/test-run.ts'
import { realTimeOf } from './real-time.ts'

/** A wait of machine m that ended so long ago. */
const wait = (lengthMs: number, agoMs: number, machine = 'm', nowMs = hostNowMs()): ProcessorWait => {
  const untilMs = nowMs - agoMs
  return { machine, fromMs: untilMs - lengthMs, untilMs }
}
const unsure = (waits: readonly ProcessorWait[], limitMs?: number) => realTimeOf(limitMs, () => waits).whyUnsure()

test('a pause longer than protocols bear makes unsure, and is told with its machine', (t) => {
  t.is(
    unsure([wait(250, 9000), wait(512, 2300)], 300),
    "m waited for the host for half or more of 512 ms, until 2.3 s ago; this lab's protocols bear 300 ms",
  )
  t.is(unsure([wait(250, 9000), wait(290, 2300)], 300), undefined)
  t.is(unsure([wait(5000, 100)]), undefined)
})

test('a time in which machines waited for the most part is one pause, whosever the waits are', (t) => {
  const nowMs = hostNowMs()
  const unsureWith = (agoMs: number) => unsure([wait(200, 1000, 'a', nowMs), wait(150, agoMs, 'b', nowMs)], 300)
  t.regex(unsureWith(847) ?? '', /^a waited for the host for half or more of 353 ms/)
  t.regex(unsureWith(750) ?? '', /^a waited for the host for half or more of 450 ms/)
  t.is(unsureWith(400), undefined)
})

test('many turns that are too short are as good as none', (t) => {
  const nowMs = hostNowMs()
  const starved = Array.from({ length: 30 }, (_, at) => wait(12, 2000 - 20 * at, 'a', nowMs))
  t.regex(unsure(starved, 300) ?? '', /^a waited for the host for half or more of 592 ms/)
  const busy = Array.from({ length: 30 }, (_, at) => wait(12, 3000 - 40 * at, 'a', nowMs))
  t.is(unsure(busy, 300), undefined)
})

test('what was right after a pause is judged as ever, unless its scene was set before', (t) => {
  const waits = [wait(500, 2000)]
  const realTime = realTimeOf(300, () => waits)
  realTime.provedRight(hostNowMs() - 1900)
  t.truthy(realTime.whyUnsure(), 'what was not heard may be missed a little later')
  realTime.provedRight(hostNowMs() - 1000)
  t.is(realTime.whyUnsure(), undefined)
  t.is(realTime.whyUnsure(hostNowMs() - 500), undefined)
  t.truthy(realTime.whyUnsure(hostNowMs() - 5000))
})

const says = (name: string, equals: string, more = '') =>
  `{ name: ${name}, output: { on: a, command: says, equals: "${equals}"${more} } }`
const steps = `  - { name: s, expect: [${says('holds', 'yes')}, ${says('wrong', 'no', ', within: 100ms')}] }`
const answer = (_machine: string, command: string) => (command.includes('says') ? { stdout: 'yes' } : undefined)
/** A pause just now, which a claim can only come after. */
const heldUp = () => [wait(500, 0)]

test('after a pause a claim that would fail is inconclusive, and one that holds has passed', async (t) => {
  const lab = labWith(steps, 'real-time: 300ms')
  const { cases, outcome } = await runTest(lab, { answer, waits: heldUp })
  t.deepEqual(
    cases.map((one) => one.outcome),
    ['passed', 'error'],
  )
  t.is(outcome, 'error')
  t.regex(
    cases[1]?.found ?? '',
    /^cannot tell: m waited for the host for half or more of 500 ms, .* protocols bear 300 ms; found: /,
  )
})

test('after a pause commands that are not refused as they should prove nothing, and those that are have passed', async (t) => {
  const lab = (realTime: string) =>
    labWith(
      ['accepted', 'otherwise', 'so']
        .map((name) => `  - { name: ${name}, on: a, run: ${name}, refused: no route }`)
        .join('\n'),
      realTime,
    )
  const refuse = (_machine: string, command: string) =>
    command.includes('accepted') ? {} : { exitCode: 1, stderr: command.includes('so') ? 'no route' : 'no name' }
  const verdictsIn = async (realTime: string) =>
    Object.values((await runTest(lab(realTime), { answer: refuse, waits: heldUp })).verdicts)
  t.deepEqual(await verdictsIn('real-time: 300ms'), ['error', 'error', 'passed'])
  t.deepEqual(await verdictsIn(''), ['failed', 'failed', 'passed'])
})

test('on a quiet host, within what protocols bear, and in a lab that says nothing of it, a false claim fails', async (t) => {
  const outcomeIn = async (realTime: string, waits?: () => readonly ProcessorWait[]) =>
    (await runTest(labWith(steps, realTime), { answer, ...(waits ? { waits } : {}) })).verdicts['s: wrong']
  t.is(await outcomeIn('real-time: 300ms'), 'failed')
  t.is(await outcomeIn('real-time: 600ms', heldUp), 'failed')
  t.is(await outcomeIn('', heldUp), 'failed')
})

test('when all claims of a step have passed since, a false claim fails', async (t) => {
  const pause = wait(500, 0)
  const waits = () => [pause]
  // Longer than the network may take to miss who was held up.
  const right = `  - { name: r, expect: [${says('right', 'yes', ', for: 500ms')}] }`
  const again = `  - { name: r2, expect: [${says('right', 'yes')}] }`
  const outcomeIn = async (before: string) => {
    const lab = labWith(`${before}\n${steps}`, 'real-time: 300ms')
    return (await runTest(lab, { answer, waits })).verdicts['s: wrong']
  }
  t.is(await outcomeIn(`${right}\n${again}`), 'failed')
  t.is(await outcomeIn(`  - { name: nothing, on: a, run: x }`), 'error')
})

test('a variant has its own real-time by its values', (t) => {
  const text = withSteps(
    '  - { name: a, on: host, run: x }',
    'real-time: "{{bears}}"\nvariants: { quick: { bears: 200ms }, slow: { bears: 3s } }',
  )
  t.deepEqual(
    labOf(text).variants.map(({ realTimeMs }) => realTimeMs),
    [200, 3000],
  )
  t.regex(
    mistakesOf(withSteps('  - { name: a, on: host, run: x }', 'real-time: 5'))[0] ?? '',
    /expected a duration|expected text/,
  )
})

test('an outage is judged with the pauses since its scene was set, whatever has passed meanwhile', async (t) => {
  const numbers = Array.from({ length: 120 }, (_, number) => number)
  const sender = `s 0 1000000 ${numbers.map(() => 10_000).join(' ')}`
  const receiver = `r 1000000 ${numbers.map((number) => `${number},10000`).join(' ')}`
  const stream = (machine: string) => `ready\n${machine === 'a' ? sender : receiver}\nc 2200000\n`
  const right = (name: string, lasting = '') => `  - { name: ${name}, expect: [${says('right', 'yes', lasting)}] }`
  const text = `${right('before')}
  - { name: scene, events: [{ link: { endpoint: "a:eth1", state: up } }] }
${right('lasting', ', for: 400ms')}
${right('since')}
  - name: s
    outage:
      stream: { from: a, to: b }
      while: [{ link: { endpoint: "a:eth1", state: silent } }]
      within: 100ms
      for: 100ms
      expect: { longest-gap: { at-least: 60s } }`
  /** The outcome of the outage's claim when a pause ended just before this step began. */
  const outcomeAfter = async (step: string, more = 'real-time: 300ms') => {
    let pause: ProcessorWait | undefined
    const { cases } = await runTest(
      labWith(text, more),
      {
        answer: (machine, command) =>
          command.includes('python3') ? { stdout: stream(machine), stays: true } : answer(machine, command),
        waits: () => (pause === undefined ? [] : [pause]),
      },
      {
        onEvent(event) {
          if (event.type === 'step-started' && event.name === step) pause = wait(500, step === 'before' ? 1000 : 0)
        },
      },
    )
    return cases.find((one) => one.case.startsWith('s: '))?.outcome
  }
  t.is(await outcomeAfter('before'), 'failed')
  t.is(await outcomeAfter('scene'), 'error')
  t.is(await outcomeAfter('scene', ''), 'failed')
})
