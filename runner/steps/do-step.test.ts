import test from 'ava'
import type { Lab } from '../lab/lab.ts'
import { planRun } from '../plan.ts'
import { labWith, runTest } from '../testing/test-run.ts'

const background = (more: string) => `  - { name: start, on: a, start: { id: web, run: serve${more} } }`
/** A process that prints its session, then what is given, and goes on. */
const serving = (printed: string) => (_machine: string, command: string) =>
  command.includes('serve') ? { stdout: `77\n${printed}`, stays: true } : undefined

test('events happen in order, between the commands and the expectations', async (t) => {
  const lab = labWith(`  - name: s
    on: a
    run: before
    events:
      - link: { endpoint: "a:eth1", state: down }
      - machine: { node: b, state: crashed }
      - machine: { node: b, state: running }
      - nic: { endpoint: "b:eth1", state: unplugged }
    expect: [{ output: { on: a, command: after, equals: "" } }]`)
  const { outcome, provider, events } = await runTest(lab, {})
  t.is(outcome, 'passed')
  t.deepEqual(provider.calls, [
    'up a b',
    'a$ before',
    'link a:eth1 down',
    'machine b crashed',
    'machine b running',
    'nic b:eth1 unplugged',
    'a$ after',
    'tear down',
  ])
  t.deepEqual(
    events.flatMap((event) => (event.type === 'event-happened' ? [event.words] : [])),
    ['link a:eth1 down', 'machine b crashed', 'machine b running', 'NIC b:eth1 unplugged'],
  )
})

test('what a provider cannot do is skipped with its reason, and so is all that comes after', async (t) => {
  const claim = '{ output: { on: a, command: x, equals: "" } }'
  const lab = labWith(`  - { name: one, expect: [${claim}] }
  - { name: two, events: [{ machine: { node: b, state: frozen } }], expect: [${claim}] }
  - { name: three, on: a, run: later, expect: [${claim}] }`)
  const { outcome, cases, provider } = await runTest(lab, {
    unsupported: (event) => (event.kind === 'machine' ? 'this provider cannot freeze a machine' : undefined),
  })
  t.is(outcome, 'passed')
  t.deepEqual(
    cases.map((one) => one.outcome),
    ['passed', 'skipped', 'skipped'],
  )
  t.regex(cases[1]?.found ?? '', /this provider cannot freeze a machine/)
  t.regex(cases[2]?.found ?? '', /this provider cannot freeze a machine/)
  t.false(provider.calls.some((call) => call.includes('later')))
})

test('a step that would capture a cable is skipped where none can be captured', async (t) => {
  const claim = '{ output: { on: a, command: x, equals: "" } }'
  const lab = labWith(`  - { name: one, capture: { c: { cable: "a:eth1" } }, expect: [${claim}] }`)
  const { cases, provider } = await runTest(lab, { noCaptures: 'QEMU may not write files' })
  t.deepEqual(
    cases.map(({ outcome, found }) => [outcome, found]),
    [['skipped', 'not tried: QEMU may not write files']],
  )
  t.false(provider.calls.some((call) => call.startsWith('capture')))
})

test('a link’s impairment is there before the first step, and again in a machine that starts anew', async (t) => {
  const lab = labWith(
    '  - { name: s, events: [{ machine: { node: b, state: crashed } }, { machine: { node: b, state: running } }, { impair: { endpoint: "a:eth1" } }] }',
  )
  const [variant] = lab.variants
  const links = variant?.links.map((link) => ({ ...link, impairment: { delayMs: 20, lossPercent: 1 } })) ?? []
  const { provider } = await runTest({ ...lab, variants: variant ? [{ ...variant, links }] : [] }, {})
  const [a, b] = ['a:eth1', 'b:eth1'].map((end) => macIn(lab, end))
  const netem = '- replace netem limit 10000 delay 20ms loss 1%'
  t.deepEqual(provider.calls.map(withoutScript), [
    'up a b',
    `a$ impair ${a} ${netem}`,
    `b$ impair ${b} ${netem}`,
    'machine b crashed',
    'machine b running',
    `b$ impair ${b} ${netem}`,
    `a$ impair ${a} - del`,
    'tear down',
  ])
})

test('an impairment follows a NIC that commands put into another namespace, and waits for one that is not in', async (t) => {
  const at = (event: string) => `{ name: e, events: [{ ${event} }] }`
  const lab = labWith(
    [
      at('impair: { endpoint: "a:eth1", delay: 1ms }'),
      '{ name: move, on: a, run: move }',
      '{ name: other, on: b, run: x }',
      at('nic: { endpoint: "a:eth1", state: unplugged }'),
      '{ name: again, on: a, run: x }',
      at('impair: { endpoint: "a:eth1", delay: 2ms }'),
      at('nic: { endpoint: "a:eth1", state: plugged }'),
    ]
      .map((step) => `  - ${step}\n`)
      .join(''),
  )
  const answer = (_: string, command: string) => (command.includes('qdisc') ? { stdout: '4026531840\n' } : {})
  const { provider } = await runTest(lab, { answer })
  const mac = macIn(lab, 'a:eth1')
  t.deepEqual(
    provider.calls.map(withoutScript).filter((call) => call.startsWith('a$ impair')),
    [
      `a$ impair ${mac} - replace netem limit 10000 delay 1ms`,
      `a$ impair ${mac} 4026531840 replace netem limit 10000 delay 1ms`,
      `a$ impair ${mac} - replace netem limit 10000 delay 2ms`,
    ],
  )
})

test('a link’s MTU is set when its NICs come, and what is said of an end holds there', async (t) => {
  const lab = labWith(
    '  - { name: s, events: [{ machine: { node: b, state: frozen } }, { machine: { node: b, state: running } }, { nic: { endpoint: "a:eth1", state: unplugged } }, { nic: { endpoint: "a:eth1", state: plugged } }] }',
  )
  const [variant] = lab.variants
  const links =
    variant?.links.map((link) => ({ ...link, mtu: 1400, impairments: { 'b:eth1': { delayMs: 0.25 } } })) ?? []
  const { provider } = await runTest({ ...lab, variants: variant ? [{ ...variant, links }] : [] }, {})
  const calls = provider.calls.map(withoutScript).filter((call) => !call.includes('$ date'))
  t.deepEqual(calls, [
    'up a b',
    'a$ ip link set dev eth1 mtu 1400',
    'b$ ip link set dev eth1 mtu 1400',
    `b$ impair ${macIn(lab, 'b:eth1')} - replace netem limit 10000 delay 0.25ms`,
    'machine b frozen',
    'machine b running',
    'nic a:eth1 unplugged',
    'nic a:eth1 plugged',
    'a$ ip link set dev eth1 mtu 1400',
    'tear down',
  ])
})

const withoutScript = (call: string) => call.replace(/\$ bash -e -c .* impair /s, '$ impair ')

const macIn = ({ name, variants: [variant] }: Lab, end: string) =>
  variant &&
  planRun(name, variant)
    .machines.flatMap(({ name: machine, nics }) => nics.map((nic) => [`${machine}:${nic.name}`, nic.mac]))
    .find(([at]) => at === end)?.[1]

test('a background process is waited for, read, and stopped with all its session', async (t) => {
  const lab = labWith(
    `${background(', ready: listening')}\n  - { name: ask, expect: [{ printed: { by: web, contains: listening } }] }\n  - { name: end, stop: web }`,
  )
  const { outcome, events, provider } = await runTest(lab, { answer: serving('listening on port 80\n') })
  t.is(outcome, 'passed')
  t.true(events.some((event) => event.type === 'process-started' && event.process === 'web'))
  const ended = events.find((event) => event.type === 'process-ended')
  t.like(ended, { stdout: 'listening on port 80\n', exitCode: 130 })
  t.true(provider.calls.some((call) => call.includes('pkill') && call.endsWith(' 77')))
})

test('a background process that ends before it is ready is its step’s error, with its words', async (t) => {
  const { outcome, cases } = await runTest(
    labWith(`${background(', ready: listening')}\n  - { name: ask, expect: [{ printed: { by: web, contains: x } }] }`),
    { answer: (_m, command) => (command.includes('serve') ? { stdout: '77\n', stderr: 'no port', exitCode: 1 } : {}) },
  )
  t.is(outcome, 'error')
  t.is(cases[0]?.outcome, 'skipped')
})

test('a background process that is not ready in its time is stopped', async (t) => {
  const { outcome, events, provider } = await runTest(labWith(background(', ready: listening, within: 100ms')), {
    answer: serving('starting\n'),
  })
  t.is(outcome, 'error')
  const message = events.flatMap((event) => (event.type === 'step-finished' ? [event.message ?? ''] : []))[0] ?? ''
  t.regex(message, /process web was not ready within 0.1 s: its output does not contain "listening"/)
  t.true(provider.calls.some((call) => call.includes('pkill')))
})

test('a process that ended by itself is told when it is to be stopped', async (t) => {
  const lab = labWith(`${background('')}\n  - { name: harm, on: a, run: pkill serve }\n  - { name: end, stop: web }`)
  const { outcome, events } = await runTest(lab, {
    answer: (_machine, command) => (command.includes('echo $$') ? { stdout: '77\n', stays: true } : undefined),
  })
  t.is(outcome, 'failed')
  const [message] = events.flatMap((event) => (event.type === 'step-finished' && event.message ? [event.message] : []))
  t.is(message, 'process web had ended by itself with exit code 130')
})

test('a process that need not be ready may be done at once, unless it failed', async (t) => {
  const outcomeOf = async (exitCode: number) =>
    (await runTest(labWith(background('')), { answer: () => ({ stdout: '77\n', exitCode }) })).outcome
  t.is(await outcomeOf(0), 'passed')
  t.is(await outcomeOf(1), 'error')
})

test('a capture over several steps ends with the last of them, and later steps may read it', async (t) => {
  const frames = '{ frames: { in: trunk, filter: arp, count: 0 } }'
  const lab = labWith(`  - { name: one, capture: { trunk: { cable: "a:eth1", until: two } } }
  - { name: two, id: two, on: a, run: second, expect: [${frames}] }
  - { name: three, on: a, run: third, expect: [${frames}] }`)
  const { cases, provider, events } = await runTest(lab, {})
  // Both could read it; and that it is empty proves nothing.
  t.deepEqual(
    cases.map(({ outcome, found }) => `${outcome}: ${found}`),
    Array(2).fill('error: trunk holds 0 frames of "arp", and no other frame that shows that it worked'),
  )
  t.deepEqual(provider.calls, ['up a b', 'capture a:eth1', 'a$ second', 'end capture a:eth1', 'a$ third', 'tear down'])
  t.like(
    events.find((event) => event.type === 'capture-saved'),
    { step: 0, capture: 'trunk', frames: 0 },
  )
})

test('each thing claimed of an outage is judged by what arrived', async (t) => {
  const lab = labWith(`  - name: s
    outage:
      stream: { from: a, to: b }
      while: [{ link: { endpoint: "a:eth1", state: silent } }]
      within: 100ms
      for: 100ms
      expect: { longest-gap: { at-least: 50ms }, recovers: true }`)
  // Nothing arrives at a receiver that hears nothing: that is a failure of both claims, and no error.
  const { outcome, cases, provider } = await runTest(lab, {
    answer: (machine, command) =>
      command.includes('python3')
        ? { stdout: `ready\n${machine === 'a' ? 's 0 1000000 10000 10000\n' : ''}c 1020000\n`, stays: true }
        : undefined,
  })
  t.is(outcome, 'failed')
  t.deepEqual(
    cases.map((one) => [one.case, one.outcome]),
    [
      ['s: the longest gap is at least 50 ms', 'failed'],
      ['s: the stream recovers', 'failed'],
    ],
  )
  t.regex(cases[0]?.found ?? '', /nothing arrived even before the first event/)
  t.true(provider.calls.includes('link a:eth1 silent'))
})

test('what is claimed while a stream flows is waited for and judged in its place, before what comes after it', async (t) => {
  const lab = labWith(`  - name: s
    outage:
      stream: { from: a, to: b }
      while:
        - link: { endpoint: "a:eth1", state: silent }
        - expect: [{ output: { on: b, command: notices, equals: "yes" } }, { output: { on: b, command: wrong, equals: "x", within: 0ms } }]
        - link: { endpoint: "a:eth1", state: up }
      within: 100ms
      for: 100ms
      expect: { recovers: false }`)
  let asked = 0
  const { cases, provider } = await runTest(lab, {
    answer(machine, command) {
      if (command === 'notices') return { stdout: ++asked > 2 ? 'yes' : 'not yet' }
      if (!command.includes('python3')) return undefined
      return { stdout: `ready\n${machine === 'a' ? 's 0 1000000 10000 10000\n' : ''}c 1020000\n`, stays: true }
    },
  })
  t.deepEqual(
    cases.map((one) => [one.case, one.outcome, one.attempts]),
    [
      ['s: "notices" on b prints "yes"', 'passed', 3],
      ['s: "wrong" on b prints "x"', 'failed', 1],
      ['s: the stream does not recover', 'failed', 1],
    ],
  )
  t.deepEqual(
    provider.calls.filter((call) => /notices|wrong|link/.test(call)),
    ['link a:eth1 silent', 'b$ notices', 'b$ notices', 'b$ notices', 'b$ wrong', 'link a:eth1 up'],
  )
})

test('an end of a stream that prints more than there is room for is an error, and fills no memory', async (t) => {
  const lab = labWith(`  - name: s
    outage:
      stream: { from: a, to: b }
      while: [{ link: { endpoint: "a:eth1", state: silent } }]
      within: 100ms
      for: 100ms
      expect: { recovers: true }`)
  const flood = `r 1000000 ${'1,1 '.repeat(100_000)}`
  const { outcome, cases } = await runTest(
    lab,
    {
      answer: (machine, command) =>
        command.includes('python3')
          ? { stdout: `ready\n${machine === 'a' ? 's 0 1000000 10000\n' : flood}c 1020000\n`, stays: true }
          : undefined,
    },
    { roomBytes: 100_000 },
  )
  t.is(outcome, 'error')
  t.regex(cases[0]?.found ?? '', /cannot measure the stream on b: it printed more than there was room for/)
})

test('while a scope measures, no machines are started beside it', async (t) => {
  const lab = labWith(`  - { name: scene, events: [{ link: { endpoint: "a:eth1", state: up } }] }
  - name: s
    outage:
      stream: { from: a, to: b }
      while: [{ link: { endpoint: "a:eth1", state: silent } }]
      within: 100ms
      for: 100ms
      expect: { recovers: true }
  - { name: after, expect: [{ output: { on: a, command: says, equals: "" } }] }`)
  const numbers = Array.from({ length: 120 }, (_, number) => number)
  const sender = `s 0 1000000 ${numbers.map(() => 10_000).join(' ')}`
  const receiver = `r 1000000 ${numbers.map((number) => `${number},10000`).join(' ')}`
  const stdout = (machine: string) => `ready\n${machine === 'a' ? sender : receiver}\nc 2200000\n`
  const { events } = await runTest(
    lab,
    {
      answer: (machine, command) =>
        command.includes('python3') ? { stdout: stdout(machine), stays: true } : undefined,
    },
    { jobs: 2, repeat: 3 },
  )
  const told = events.flatMap((event) => {
    if (event.type === 'machine-ready') return ['up']
    if (event.type === 'step-started' && !['s', 'What crashed'].includes(event.name)) return [event.name]
    return event.type === 'outage-measured' ? ['measured'] : []
  })
  // A scope whose machines are up waits for those of the other, and nothing comes between its scene and what is
  // claimed.
  t.deepEqual(told.slice(0, 4), ['up', 'up', 'up', 'up'])
  t.deepEqual(told.slice(4, 10).toSorted(), ['after', 'after', 'measured', 'measured', 'scene', 'scene'])
  t.deepEqual(told.slice(10), ['up', 'up', 'scene', 'measured', 'after'])
})

test('a process that had printed nothing when its machine crashed lacks nothing', async (t) => {
  const crash = ['crashed', 'running'].map((state) => `{ machine: { node: a, state: ${state} } }`).join(', ')
  const lab = labWith(`${background('')}
  - { name: s, events: [${crash}], expect: [{ printed: { by: web, lacks: x } }, { printed: { by: web, matches: ended, within: 1ms } }] }`)
  const { cases } = await runTest(lab, { answer: serving('') })
  t.deepEqual(
    cases.map(({ outcome, found }) => [outcome, found]),
    [
      ['error', 'web printed nothing and ended with exit code 137'],
      ['failed', 'web printed nothing and ended with exit code 137'],
    ],
  )
})
