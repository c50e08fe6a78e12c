import test from 'ava'
import { labWith } from '../testing/test-run.ts'
import { openTestSession as open } from '../testing/test-session.ts'
import { choosePuzzle } from './puzzle.ts'

const puzzle = (level: number, more = '') =>
  `{ level: ${level}, until: two, hint: [vague, clear], solution: Look, mend: [{ on: b, run: plug it }]${more} }`
const lab = labWith(
  `  - { name: first, id: one, on: a, run: make it, refused: no }
  - { name: second, id: two, on: b, run: plug it }
  - { name: it is there, expect: [{ ping: { from: a, to: b, is: reachable, within: 100ms } }] }
  - { name: third, on: b, run: end it }`,
  `mutations:
  - { name: nobody plugs, without: two, caught-by: [it is there], puzzle: ${puzzle(1)} }
  - { name: plugged wrongly, instead: { step: two, run: break it }, caught-by: [it is there], puzzle: ${puzzle(3)} }
  - { name: no puzzle, without: two, caught-by: [it is there] }`,
)
const answered = {
  stdout:
    '64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=1 ms\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n',
}
const silent = { exitCode: 1, stdout: '1 packets transmitted, 0 received, 100% packet loss, time 0ms\n' }

test('seeds that follow one another are all puzzles of a level, and the same seed is the same', (t) => {
  const chosen = [4, 5, 4].map((seed) => choosePuzzle(lab, { seed }).mutation)
  t.deepEqual([chosen[0] === chosen[2], new Set(chosen).size], [true, 2])
  t.is(choosePuzzle(lab, { seed: 7, level: 3 }).mutation, 1)
  t.throws(() => choosePuzzle(lab, { seed: 7, level: 2 }), { message: /^cannot break .*: it has no such puzzle$/ })
  t.throws(() => choosePuzzle(lab, { seed: 7, variant: 'other' }), { message: /no such puzzle/ })
})

test('a mistake is made in secret, and what is claimed of the real lab tells when it is mended', async (t) => {
  let isMended = false
  const { session, commands, events, asker } = await open(lab, {
    answer(_machine, command) {
      if (command.includes('make it')) return { exitCode: 1, stderr: 'no\n' }
      if (command.includes('break it')) return { exitCode: 1, stderr: 'it went wrong\n' }
      return command.includes('ping') ? (isMended ? answered : silent) : undefined
    },
  })
  session.hear((event) => void events.push(event))
  t.like(await session.pose(1, asker), { done: 2, of: 4, last: 'second', puzzle: 'posed' })
  t.deepEqual(
    commands().map((call) => call.slice(-7)),
    ['make it', 'reak it'],
  )
  t.deepEqual(events, [])
  const inspection = await session.inspect()
  t.notRegex(JSON.stringify(inspection), /wrong|plugged|break/)
  t.deepEqual(inspection.verdicts, {})
  t.like(await session.verify(undefined), { outcome: 'failed', progress: { puzzle: 'posed' } })
  isMended = true
  t.like(await session.verify('it is there'), { outcome: 'passed', progress: { puzzle: 'posed' } })
  t.like(await session.verify(undefined), { outcome: 'passed', progress: { puzzle: 'mended' } })
  isMended = false
  t.like(await session.verify(undefined), { outcome: 'failed', progress: { puzzle: 'posed' } })
  await session.end()
})

test('a step that a mistake leaves out is not missed in what is told', async (t) => {
  const { session, commands } = await open(lab, {
    answer: (_, command) => (command.includes('make') ? { exitCode: 1, stderr: 'no' } : undefined),
  })
  await session.pose(0)
  t.is(commands().length, 1)
  t.deepEqual(
    (await session.inspect()).steps.map(({ isDone }) => isDone),
    [true, true, false, false],
  )
  await session.end()
})

test('machines with a mistake come back as they were found, also after a look at what is claimed', async (t) => {
  const { session, provider } = await open(lab, {
    answer: (_, command) => (command.includes('make it') ? { exitCode: 1, stderr: 'no\n' } : undefined),
  })
  await session.pose(0)
  await session.verify(undefined)
  t.like(await session.rewind({}), { outcome: 'passed', steps: [], progress: { last: 'it is there' } })
  t.is(provider.calls.filter((call) => call.startsWith('restore')).length, 2)
  await session.end()
})

test('of a cable that fails in secret it is told what somebody sees who looks at it', async (t) => {
  const states: (string | undefined)[] = []
  for (const state of ['silent', 'down']) {
    const failing = labWith(
      `  - { name: fails, events: [{ link: { endpoint: "a:eth1", state: ${state} } }] }
  - { name: mended, id: two, events: [{ link: { endpoint: "a:eth1", state: up } }] }
  - { name: it is there, expect: [{ ping: { from: a, to: b, is: reachable } }] }`,
      `mutations: [{ name: not mended, without: two, caught-by: [it is there], puzzle: ${puzzle(1)} }]`,
    )
    const { session } = await open(failing, {})
    await session.pose(0)
    const cable = async () => states.push((await session.inspect()).cables[0]?.state)
    await cable()
    await session.happen('link a:eth1 silent')
    await cable()
    await session.end()
  }
  t.deepEqual(states, ['whole', 'silent at a:eth1', 'cut at a:eth1', 'silent at a:eth1'])
})

test('hints come one after the other, and then the solution', async (t) => {
  const { session } = await open(lab, {
    answer: (_, command) => (command.includes('make') ? { exitCode: 1, stderr: 'no' } : undefined),
  })
  t.throws(() => session.puzzle(), { message: 'cannot tell of a puzzle: none is posed in this lab' })
  await session.pose(0)
  t.deepEqual(session.puzzle().hint(), { hints: ['vague'], more: true })
  t.deepEqual(session.puzzle().hint(), { hints: ['vague', 'clear'], more: false })
  t.deepEqual(session.puzzle().hint(), { hints: ['vague', 'clear'], more: false })
  t.deepEqual(session.puzzle().solution(), { solution: 'Look', mend: [{ node: 'b', commands: 'plug it' }] })
  await session.end()
})

test('no step is done while a puzzle is posed, and none is posed when steps are done', async (t) => {
  const { session } = await open(lab, {
    answer: (_, command) => (command.includes('make') ? { exitCode: 1, stderr: 'no' } : undefined),
  })
  await t.throwsAsync(session.pose(2), { message: 'cannot pose a puzzle: the lab has none there' })
  await session.pose(0)
  await t.throwsAsync(session.doSteps({}), { message: /something is wrong that is to be found/ })
  await t.throwsAsync(session.pose(0), { message: /steps of the lab are done already/ })
  await session.end()
})

test('a lab that goes wrong before the mistake is not said to be broken by it', async (t) => {
  const { session } = await open(lab, {
    answer: (_, command) => (command.includes('make') ? { dies: 'it was shot' } : undefined),
  })
  const error = await t.throwsAsync(session.pose(0))
  t.is(error.message, 'cannot break the lab: its steps went wrong with the mistake in them')
  await session.end()
})
