import { readdirSync, writeFileSync } from 'node:fs'
import test from 'ava'
import type { WirelabError } from '../errors.ts'
import { labWith } from '../testing/test-run.ts'
import { openTestSession as open, threeSteps } from '../testing/test-session.ts'

const restored = (calls: readonly string[]) => calls.filter((call) => call.startsWith('restore')).length
const saved = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('saved')).length

test('machines come back as any step left them, and the steps after it are to be done again', async (t) => {
  const { session, provider, commands } = await open(threeSteps, {})
  await session.doSteps({ toEnd: true })
  t.like(await session.rewind({ step: 'one' }), { outcome: 'passed', steps: [], progress: { done: 1, next: 'second' } })
  t.is(restored(provider.calls), 2, 'both machines')
  t.is(commands().length, 2, 'no step was done again')
  t.like(await session.doSteps({}), { steps: ['it is there', 'second'], progress: { done: 3 } })
  t.like(await session.rewind({ toBegin: true }), { progress: { done: 0, next: 'first' } })
  t.like(await session.rewind({}), { progress: { done: 0 } })
  t.is(restored(provider.calls), 6)
  await t.throwsAsync(session.rewind({ step: 'second' }), { message: /it is not done yet/ })
  await t.throwsAsync(session.rewind({ step: 'secnd' }), { message: /no such step/ })
  await session.end()
})

test('a step that only claims something has the machines of the one before it', async (t) => {
  const { session, commands } = await open(threeSteps, {})
  await session.doSteps({ toEnd: true })
  t.like(await session.rewind({ step: 'it is there' }), { steps: [], progress: { done: 2, next: 'second' } })
  t.is(commands().length, 2)
  await session.end()
})

test('what was known of cables, values and verdicts comes back too', async (t) => {
  const lab = labWith(`  - { name: cut, events: [{ link: { endpoint: 'a:eth1', state: down } }] }
  - { name: keep, on: a, run: print it, keep: { it: '(\\w+)' } }
  - { name: mend, events: [{ link: { endpoint: 'a:eth1', state: up } }] }`)
  let printed = 'one'
  const { session } = await open(lab, { answer: () => ({ stdout: printed }) })
  await session.doSteps({ until: 'keep' })
  printed = 'two'
  await session.doSteps({})
  t.is((await session.inspect()).cables[0]?.state, 'whole')
  await session.rewind({ step: 'keep' })
  const { cables, kept } = await session.inspect()
  t.is(cables[0]?.state, 'cut at a:eth1')
  t.deepEqual(kept, { it: 'one' })
  await session.rewind({ step: 'cut' })
  t.deepEqual((await session.inspect()).kept, {})
  await session.end()
})

test('where a process runs in the background, steps are done again from the last at which none did', async (t) => {
  const lab = labWith(`  - { name: first, on: a, run: make it }
  - { name: serve, on: a, start: { id: server, run: serve } }
  - { name: second, on: b, run: break it }`)
  const answer = (_: string, command: string) =>
    command.endsWith('serve') ? { stdout: '77\n', stays: true } : undefined
  const { session, commands } = await open(lab, { answer })
  await session.doSteps({ toEnd: true })
  const done = await session.rewind({})
  t.like(done, { outcome: 'passed', steps: ['serve', 'second'], progress: { done: 3 } })
  t.regex(done.again ?? '', /process server runs/)
  t.deepEqual(
    commands().map((call) => call.slice(-7)),
    ['make it', 'reak it', 'reak it'],
  )
  t.is((await session.inspect()).processes[0]?.runs, true)
  await session.end()
})

test('a crashed machine is not saved, and comes back', async (t) => {
  const lab = labWith(`  - { name: first, on: a, run: make it }
  - { name: crash, events: [{ machine: { node: a, state: crashed } }] }`)
  const { session, commands } = await open(lab, {})
  await session.doSteps({ toEnd: true })
  const done = await session.rewind({})
  t.deepEqual(done.steps, ['crash'])
  t.regex(done.again ?? '', /a does not run/)
  t.like(await session.rewind({ step: 'first' }), { steps: [], progress: { done: 1 } })
  t.is(session.context.testbed.absence('a'), undefined)
  t.is(commands().length, 1)
  await session.end()
})

test('no more is saved than steps that are done, and the same step once', async (t) => {
  const { session } = await open(threeSteps, {})
  const { folder } = session.context
  await session.saved()
  t.is(saved(folder), 1)
  await session.doSteps({ toEnd: true })
  await session.rewind({ step: 'first' })
  await session.doSteps({})
  await session.rewind({ toBegin: true })
  t.is(saved(folder), 1)
  await session.end()
})

test('where the disk is full it is said which, and what to do', async (t) => {
  const puzzle = '{ level: 1, until: one, hint: h, solution: s, mend: [{ on: a, run: mend }] }'
  const lab = labWith(
    `  - { name: first, id: one, on: a, run: make it, refused: no }
  - { name: it is there, expect: [{ ping: { from: a, to: b, is: reachable } }] }`,
    `mutations: [{ name: m, without: one, caught-by: [it is there], puzzle: ${puzzle} }]`,
  )
  const answer = (_: string, command: string) =>
    command.endsWith('make it') ? { exitCode: 1, stderr: 'no' } : undefined
  const words = /cannot save the machines: no space is left in .*/.source
  const remedy = /Free some of it .*XDG_RUNTIME_DIR name a folder on a disk/.source
  for (const isPosed of [false, true]) {
    const { session } = await open(lab, { answer })
    await session.saved()
    const takeSnapshot = async () => writeFileSync('/dev/full', 'x')
    Object.assign(session.context.testbed, { takeSnapshot })
    if (isPosed) {
      await session.pose(0)
      const error = await t.throwsAsync(session.rewind({}), { message: new RegExp(`^cannot rewind: ${words}`) })
      t.like(error, { kind: 'machinery' })
      t.regex((error as WirelabError).remedy ?? '', new RegExp(remedy))
    } else {
      await session.doSteps({})
      t.regex((await session.rewind({})).again ?? '', new RegExp(`${words}\n${remedy}`))
    }
    await session.end()
  }
})
