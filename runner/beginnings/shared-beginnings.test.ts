import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { NewEvent, ScopeFinished } from '../events.ts'
import type { Lab } from '../lab/lab.ts'
import { mutantsOf, scopesToTry } from '../mutant-scopes.ts'
import type { FakeScript } from '../providers/fake/fake-provider.ts'
import { labWith, runTest, type TestRunOptions } from '../testing/test-run.ts'
import { queueOf } from './queue.ts'

// No other process has its runtime folders there. Sockets would lie in them, so their path is short.
const runtime = mkdtempSync('/tmp/w-')
process.env['XDG_RUNTIME_DIR'] = runtime
test.after('no run leaves anything in its runtime folder', (t) => {
  t.deepEqual(
    readdirSync(runtime).flatMap((root) => readdirSync(join(runtime, root))),
    [],
  )
  rmSync(runtime, { recursive: true })
})

/** Machines that say of each thing whether it was made in them, or in those that they go on as. */
function memory(more: FakeScript = {}): FakeScript {
  const made = new Map<string, string[]>()
  return {
    async before(what) {
      const [verb, machine = ''] = what.split(' ')
      if (verb === 'start') made.set(machine, [])
    },
    save: (machine) => JSON.stringify(made.get(machine)),
    restore: (machine, saved) => void made.set(machine, JSON.parse(saved)),
    ...more,
    answer(machine, command) {
      const [, verb, thing = ''] = /(make|says) (\w+)/.exec(command) ?? []
      if (verb === 'make') made.get(machine)?.push(thing)
      if (verb !== undefined) return { stdout: made.get(machine)?.includes(thing) ? 'yes' : 'no' }
      return more.answer?.(machine, command)
    },
  }
}

const says = (thing: string) => `{ output: { on: a, command: "says ${thing}", equals: "yes", within: 10ms } }`
const make = (thing: string, more = '') =>
  `  - { name: "make ${thing}", on: a, run: "make ${thing}", expect: [${says(thing)}]${more} }\n`

type Finished = Omit<ScopeFinished, 'at'>

const finishedIn = (events: readonly NewEvent[]): readonly Finished[] =>
  events.flatMap((event) => (event.type === 'scope-finished' ? [event] : []))

/** What became of each trial. */
const verdicts = (events: readonly NewEvent[]) =>
  Object.fromEntries(
    finishedIn(events).map(({ scope, outcome, caught, caughtBy }) => [scope, { outcome, caught, caughtBy }]),
  )

/** What was found of each claim, by trial and case. */
const found = (events: readonly NewEvent[]) =>
  new Map(
    events.flatMap((event) =>
      event.type === 'case-finished' && event.outcome !== 'skipped'
        ? [[`${event.scope}: ${event.case}`, `${event.outcome}: ${event.found}`]]
        : [],
    ),
  )

/** Runs all mutants with their beginnings shared and without. */
async function both(lab: Lab, script: () => FakeScript, options: TestRunOptions = {}) {
  const all = { kind: 'mutate-auto', ...options } as const
  const shared = await runTest(lab, script(), { ...all, shares: true })
  const anew = await runTest(lab, script(), all)
  const beginnings = finishedIn(shared.events).flatMap(({ beginning }) => (beginning ? [beginning] : []))
  return {
    ...{ shared, anew, begun: beginnings.filter(({ scope }) => scope !== undefined).length },
    whys: beginnings.flatMap(({ why }) => why ?? []),
  }
}

const report = 'tcpdump: 0 packets captured, 0 packets received by filter, 0 packets dropped by kernel\n'
const tools: FakeScript = {
  answer(_, command) {
    if (command.includes('tcpdump -i'))
      return { stderr: 'tcpdump: listening on eth1\n', stays: true, reports: [report] }
    if (command.includes('print it')) return { stdout: 'one' }
    if (command.includes('lacking')) return { exitCode: 127, stderr: 'not found' }
    return command.endsWith('serve') ? { stdout: '77\n', stays: true } : undefined
  },
}

const machine = (state: string) => `  - { name: ${state}, events: [{ machine: { node: b, state: ${state} } }] }\n`
const capture = (more: string) => `, capture: { c: { nic: "a:eth1"${more} } }`
const noArp = '  - { name: no ARP, expect: [{ frames: { in: c, filter: arp, count: 0 } }] }\n'

/** Steps of labs, how many of their mutants go on where others were, and why others do not, or not from as late. */
const rows: Readonly<Record<string, [steps: string, begun: number, why?: RegExp, more?: string]>> = {
  'steps that leave all in their machines': [make('one') + make('two') + make('three'), 1],
  'what was kept of a command': [
    `  - { name: key, on: a, run: print it, keep: { it: ".+" } }\n${make('two')}  - { name: t, on: a, run: "make {{kept.it}}", expect: [${says('one')}] }\n${make('four')}`,
    2,
  ],
  'a capture that has ended, of which more is claimed later': [
    `${make('one', capture(''))}  - { name: other, on: b, run: other }\n${noArp}${make('three')}`,
    1,
  ],
  'a capture that goes on': [
    make('one', capture(', until: end')) + make('two') + make('three', ', id: end') + make('four'),
    0,
    /a capture of step "make one" goes on/,
  ],
  'a process that runs': [
    `${make('one')}  - { name: serve, on: a, start: { id: p, run: serve } }\n${make('two')}${make('three')}`,
    2,
    /what the process printed that step "serve" starts/,
  ],
  'a machine that does not run': [
    machine('crashed') + make('two') + machine('running') + make('three'),
    0,
    /b does not run/,
  ],
  'a claim before the mistake that nobody can judge': [
    `  - { name: q, on: a, run: x, expect: [{ output: { on: a, command: lacking, equals: "", within: 10ms } }] }\n${make('one')}${make('two')}`,
    0,
    /did not pass/,
  ],
  'protocols that bear no pause': [make('one') + make('two'), 0, /real-time/, 'real-time: 300ms'],
}

for (const [what, [steps, begun, why, more]] of Object.entries(rows)) {
  test(`mutants have the same verdicts with shared beginnings as without: ${what}`, async (t) => {
    const result = await both(labWith(steps, more), () => memory(tools))
    t.deepEqual(verdicts(result.shared.events), verdicts(result.anew.events))
    t.true(finishedIn(result.shared.events).length > 1)
    const anew = found(result.anew.events)
    for (const [name, words] of found(result.shared.events)) t.is(anew.get(name), words)
    t.is(result.begun, begun)
    t.deepEqual(
      result.whys.filter((one) => why?.test(one) !== true),
      [],
    )
    t.is(result.whys.length > 0, why !== undefined)
  })
}

const four = labWith(make('one') + make('two') + make('three') + make('four'))

test('a step of a shared beginning says where it was done and judged, and its claims are skipped there', async (t) => {
  const { shared } = await both(labWith(make('one') + make('two') + make('three')), memory)
  const [first, second] = finishedIn(shared.events)
  t.is(first?.beginning, undefined, 'the longest beginning is done first')
  t.deepEqual(second?.beginning, { done: 1, scope: first?.scope })
  const own = shared.events.filter((event) => 'scope' in event && event.scope === second?.scope)
  const message = `it was done and judged once for several trials, in ${first?.scope}`
  const [step] = own.filter((event) => event.type === 'step-finished')
  t.like(step, { outcome: 'skipped', message })
  t.deepEqual(
    own.flatMap((event) => (event.type === 'case-finished' ? [event.outcome] : [])),
    ['skipped', 'failed'],
  )
  t.is(found(own).size, 1)
})

test('declared mutations share their beginnings too, and each names what must catch it', async (t) => {
  const lab = labWith(
    make('one') + make('two', ', id: two') + make('three', ', id: three'),
    'mutations:\n  - { name: no two, without: two, caught-by: [two] }\n  - { name: no three, without: three, caught-by: [three] }',
  )
  const { shared, anew, begun } = await both(lab, memory, { kind: 'mutate' })
  t.deepEqual(verdicts(shared.events), verdicts(anew.events))
  t.is(begun, 1)
  t.is(shared.outcome, 'passed')
})

const troubles: Readonly<Record<string, FakeScript>> = {
  'be saved': {
    save() {
      throw new Error('ENOSPC: no space left on device, write')
    },
  },
  'come back': {
    restore() {
      throw new Error('the state is damaged')
    },
  },
}
for (const [what, trouble] of Object.entries(troubles)) {
  test(`where machines can not ${what}, trials begin anew, which is said`, async (t) => {
    const { shared, anew, begun, whys } = await both(four, () => memory(trouble))
    t.deepEqual(verdicts(shared.events), verdicts(anew.events))
    t.is(begun, 0)
    t.regex(whys.join(), /no space left|the state is damaged/)
    const told = shared.events.filter(({ type }) => type === 'progress')
    t.is(told.length, what === 'be saved' ? 1 : 0)
  })
}

test('an inconclusive trial is tried again from its beginning', async (t) => {
  const claim = '{ output: { on: a, command: lacking, equals: "", within: 10ms } }'
  const lab = labWith(`${make('one')}  - { name: t, on: a, run: make two, expect: [${claim}] }\n${make('three')}`)
  const { shared, begun } = await both(lab, () => memory(tools), { retries: 1 })
  t.is(begun, 1)
  const again = finishedIn(shared.events).filter(({ scope }) => scope.endsWith('try 2'))
  t.is(again.length, 2)
  t.deepEqual(
    again.flatMap(({ beginning }) => beginning ?? []),
    [],
  )
})

test('a signal ends a run that saves a beginning', async (t) => {
  const stop = new AbortController()
  const script = memory({
    save() {
      stop.abort(new Error('interrupted'))
      return '[]'
    },
  })
  const run = runTest(four, script, { kind: 'mutate-auto', shares: true, signal: stop.signal })
  await t.throwsAsync(run, { message: 'interrupted' })
})

test('trials that begin alike are one worker’s, the longest beginning first; others help with the shortest', (t) => {
  const lab = labWith(make('{{v}}') + make('two') + make('three'), 'variants: { x: { v: x }, y: { v: y } }')
  const next = queueOf(
    scopesToTry(
      mutantsOf([
        { lab, variant: 'x' },
        { lab, variant: 'y' },
      ]),
    ),
  )
  const take = (worker: number) => next(worker)?.name.replace(/^[^/]*\//, '')
  t.is(take(0), 'x (make three: left out)')
  t.is(take(1), 'y (make three: left out)')
  t.is(take(0), 'x (make two: left out)')
  t.regex(take(2) ?? '', /^x \(make /)
  t.is(take(1), 'y (make two: left out)')
})

test('trials that can share nothing are taken as they are given, by whoever is free', (t) => {
  const lab = labWith(make('one') + make('two') + make('three'), 'real-time: 1s')
  const scopes = scopesToTry(mutantsOf([{ lab }]))
  const next = queueOf(scopes)
  t.deepEqual(
    scopes.map((_, at) => next(at % 2)),
    [...scopes],
  )
})
