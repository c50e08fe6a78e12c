import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fixtureEvents, golden } from '../fixtures/fixture.ts'
import { hostileEvents, hostileOutputs } from '../fixtures/hostile.ts'
import { displayWidth } from '../text/plain-text.ts'
import type { TerminalOptions } from './terminal.ts'
import { createTerminalReporter } from './terminal.ts'

const plain: TerminalOptions = {
  colour: false,
  interactive: false,
  columns: 100,
  results: 'results/latest',
  nowMs: () => 0,
}

function draw(events: readonly RunEvent[], options: Partial<TerminalOptions> = {}) {
  const written: string[] = []
  const sink = createTerminalReporter({ write: (text) => written.push(text) }, { ...plain, ...options })
  for (const event of events) sink(event)
  return written.join('')
}

/** What a terminal shows at the end: each carriage return begins its line anew. */
const screen = (written: string) =>
  written
    .split('\n')
    .map((line) => {
      let cells = ''
      for (const part of line.split('\r')) cells = part + cells.slice(part.length)
      return cells.trimEnd()
    })
    .join('\n')

for (const name of ['passed', 'every-outcome', 'interleaved', 'killed', 'mutations', 'mutants']) {
  test(`the ${name} run becomes the expected lines`, (t) => {
    const text = draw(fixtureEvents(name))
    t.is(text, golden(`${name}.txt`, text))
  })

  test(`the ${name} run has no control character without colour, and the same words with it`, (t) => {
    const text = draw(fixtureEvents(name))
    t.notRegex(text, /(?!\n)\p{Cc}/u)
    const coloured = draw(fixtureEvents(name), { colour: true })
    t.true(coloured.includes('\x1b['))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    t.is(coloured.replaceAll(/\x1b\[\d+m/g, ''), text)
  })
}

test('the status line is gone when the run is over and leaves the lines whole', (t) => {
  const events = fixtureEvents('every-outcome').filter(({ type }) => type !== 'progress')
  const written = draw(events, { interactive: true, columns: 500 })
  t.false(written.includes('\x1b'))
  t.true(written.includes('\r'))
  t.is(screen(written), draw(events, { columns: 500 }))
})

test('on a terminal no line is wider than that, and a log has each line whole', (t) => {
  const events = fixtureEvents('every-outcome')
  const shown = screen(draw(events, { interactive: true, columns: 60 })).split('\n')
  for (const line of shown) t.true(displayWidth(line) <= 60, line)
  t.true(
    shown.some(
      (line) => line.startsWith('        wanted: host:bridge0') || line.startsWith('    wanted: host:bridge0'),
    ),
  )
  t.true(
    draw(events)
      .split('\n')
      .some((line) => line.length > 100),
  )
})

test('each step has its number, and its commands are not dimmed', (t) => {
  const text = draw(fixtureEvents('passed'), { colour: true })
  for (const event of fixtureEvents('passed')) {
    if (event.type !== 'step-started') continue
    t.true(text.includes(`\x1b[1m${event.step + 1}. ${event.name}`), event.name)
    const [command] = event.script?.split('\n') ?? []
    if (command !== undefined) t.true(text.includes(`\x1b[36m${command}`), command)
  }
})

test('the first variant of a lab is introduced by its summary, and no mutation is', (t) => {
  const lines = draw(fixtureEvents('interleaved')).split('\n')
  t.is(lines.filter((line) => line.startsWith('  How a veth pair joins')).length, 1)
  t.notRegex(draw(fixtureEvents('mutations')), /^ {2}How a veth pair joins/m)
})

test('the status line says what goes on, for how long, and how many labs more are running', (t) => {
  let now = 0
  const written: string[] = []
  const stream = { write: (text: string) => written.push(text) }
  const sink = createTerminalReporter(stream, { ...plain, interactive: true, nowMs: () => now })
  for (const event of fixtureEvents('interleaved').slice(0, 7)) {
    sink(event)
    now += 1500
  }
  t.is(written.at(-1)?.split('\r').at(-1), '1.50 s  bridge-veth/default: copying the template (and 2 more)')
  sink({ type: 'run-finished', at: 1, outcome: 'error', exitCode: 130, durationMs: 1 })
})

test('the status line is never wider than the terminal', (t) => {
  const written = draw(fixtureEvents('interleaved'), { interactive: true, columns: 20 })
  for (const status of written.split('\n').flatMap((line) => line.split('\r').slice(1))) t.true(status.length < 500)
  t.regex(written, /0\.00 s {2}bridge-vet…/)
})

test('the oldest lab is shown as it goes and the others whole after it', (t) => {
  const headings = draw(fixtureEvents('interleaved')).match(/^\S+\/.* {2}\S.*$/gm)
  t.deepEqual(
    headings?.map((line) => line.split('  ')[0]),
    ['bridge-veth/default', 'bridge-veth/default #2', 'macvlan-modes/private'],
  )
})

test('repetitions that differ are told with the rate of failing', (t) => {
  const events = fixtureEvents('interleaved').map((event): RunEvent => {
    if (event.type !== 'case-finished' || !event.scope.endsWith('#2')) return event
    return { ...event, outcome: 'failed', found: 'no reply' }
  })
  t.regex(draw(events), /^≈ bridge-veth\/default: .*: 1 of 2 failed \(50 %\), true after/m)
})

test('a wide table becomes a list', (t) => {
  t.regex(draw(fixtureEvents('every-outcome'), { columns: 40 }), /cont1 -> cont2 {2}✗ reachable, wanted unreachable/)
})

test('verbose shows the probes and why a step is there', (t) => {
  const text = draw(fixtureEvents('every-outcome'), { verbose: true })
  t.regex(text, /The bridge is a switch in the kernel/)
  t.regex(text, /exit code 1/)
})

for (const [what, text] of Object.entries(hostileOutputs)) {
  test(`a machine that prints ${what} cannot spoil the terminal`, (t) => {
    const written = draw(hostileEvents(text))
    t.notRegex(written, /(?!\n)\p{Cc}/u)
    t.true(written.isWellFormed())
    t.true(written.length < 60_000, `${written.length} characters`)
    t.regex(written, /1 passed, 3 failed/)
  })
}

test('a stream that throws is not written to again and nothing is thrown', (t) => {
  let calls = 0
  const write = () => {
    calls += 1
    throw new Error('EPIPE')
  }
  const sink = createTerminalReporter({ write }, { ...plain, interactive: true })
  t.notThrows(() => {
    for (const event of fixtureEvents('passed')) sink(event)
  })
  t.is(calls, 1)
})

test('a stream that reports an error later is not written to again', (t) => {
  let fail: (error: Error) => void = () => {}
  let calls = 0
  const stream = {
    write: () => {
      calls += 1
    },
    on: (_event: 'error', listener: (error: Error) => void) => {
      fail = listener
    },
  }
  const sink = createTerminalReporter(stream, plain)
  const [first, ...rest] = fixtureEvents('passed')
  if (first !== undefined) sink(first)
  fail(new Error('EPIPE'))
  for (const event of rest) sink(event)
  t.is(calls, 1)
})

test('an interrupted run is one line, and not an error for each lab that never began', (t) => {
  const events = fixtureEvents('killed').filter(({ type }) => type === 'run-started')
  const text = draw([...events, { type: 'run-finished', outcome: 'error', exitCode: 130, durationMs: 1, at: 1 }])
  t.regex(text, /\n\ninterrupted: 0 of 2 variants judged\n/)
  t.notRegex(text, /!/)
})
