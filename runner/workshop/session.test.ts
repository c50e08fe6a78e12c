import test from 'ava'
import { openTestSession as open, threeSteps } from '../testing/test-session.ts'

const answered = {
  stdout:
    '64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=1 ms\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n',
}
const silent = { exitCode: 1, stdout: '1 packets transmitted, 0 received, 100% packet loss, time 0ms\n' }

test('steps are done one after the other, and not judged', async (t) => {
  const { session, commands, events, asker } = await open(threeSteps, {})
  t.like(session.progress(), { done: 0, of: 4, next: 'first' })
  t.like(await session.doSteps({}, asker), {
    outcome: 'passed',
    steps: ['first'],
    progress: { done: 1, next: 'second' },
  })
  t.like(await session.doSteps({}, asker), { outcome: 'passed', steps: ['it is there', 'second'] })
  t.deepEqual(
    commands().map((call) => call.slice(-7)),
    ['make it', 'reak it'],
  )
  t.false(events.some(({ type }) => type === 'case-finished'))
  await session.doSteps({})
  await t.throwsAsync(session.doSteps({}), { message: 'cannot do the next step: all are done' })
  await session.end()
  t.true((await session.doSteps({}).catch((error) => error.message)).includes('ended'))
})

test('steps are done up to one, which must be there and not be done', async (t) => {
  const { session, commands } = await open(threeSteps, {})
  t.like(await session.doSteps({ until: 'second' }), { progress: { done: 3, last: 'second' } })
  t.is(commands().length, 2)
  await t.throwsAsync(session.doSteps({ until: 'one' }), { message: 'cannot do step "one": it is done already' })
  await t.throwsAsync(session.doSteps({ until: 'secnd' }), { message: /no such step/ })
  await session.end()
})

test('what was typed by hand is judged by the claims of where one is, again and again', async (t) => {
  let reaches = false
  const { session, events, asker } = await open(threeSteps, {
    answer: (_machine, command) => (command.includes('ping') ? (reaches ? answered : silent) : undefined),
  })
  await session.doSteps({})
  t.like(await session.verify(undefined, asker), { outcome: 'failed', steps: ['it is there'] })
  const [failed] = events.flatMap((event) => (event.type === 'case-finished' ? [event] : []))
  t.like(failed, { outcome: 'failed', wanted: 'a reaches b', found: 'a got no answer from b to a ping' })
  reaches = true
  t.like(await session.verify(undefined), { outcome: 'passed', progress: { done: 2 } })
  t.like(await session.verify('it is gone'), { outcome: 'failed', progress: { done: 2 } })
  await session.end()
})

test('a step that goes wrong is not done, and can be done by hand', async (t) => {
  const { session } = await open(threeSteps, {
    answer: (_machine, command) => (command.includes('make it') ? { exitCode: 3, stderr: 'no\n' } : undefined),
  })
  const wrong = await session.doSteps({})
  t.is(wrong.outcome, 'error')
  t.regex(wrong.broken ?? '', /^step "first" went wrong: .*exit code 3/)
  t.like(session.progress(), { done: 0, broken: wrong.broken })
  t.like(await session.doSteps({ byHand: true }), { outcome: 'passed', progress: { done: 1, broken: undefined } })
  await session.end()
})

test('whoever leaves ends no step, and nothing further is begun', async (t) => {
  const { session, commands } = await open(threeSteps, {})
  t.like(await session.doSteps({ until: 'second' }, { hasLeft: () => commands().length > 0 }), {
    steps: ['first'],
    progress: { done: 1 },
  })
  await session.end()
})

test('two who ask at once are answered one after the other', async (t) => {
  const { session, commands } = await open(threeSteps, { answer: () => ({ afterMs: 20 }) })
  const [first, second] = await Promise.all([session.doSteps({}), session.doSteps({})])
  t.deepEqual([first.progress.done, second.progress.done, commands().length], [1, 3, 2])
  await session.end()
})

test('events happen in the words of a lab file, and are seen', async (t) => {
  const { session, provider } = await open(threeSteps, {})
  t.is(await session.happen('link a:eth1 down'), 'link a:eth1 down')
  t.true(provider.calls.includes('link a:eth1 down'))
  t.is((await session.inspect()).cables[0]?.state, 'cut at a:eth1')
  await session.happen('link b:eth1 up')
  t.is((await session.inspect()).cables[0]?.state, 'whole')
  await session.happen('impair a:eth1 delay 10ms loss 1%')
  t.is((await session.inspect()).cables[0]?.state, 'out of a:eth1: delay 10 ms, loss 1 %')
  await session.happen('machine b crashed')
  t.is((await session.inspect()).nodes[1]?.trouble, 'crashed')
  await t.throwsAsync(session.happen('machine b frozen'), { message: /it is crashed/ })
  await session.end()
})

test('a machine that died is told of, and the session goes on', async (t) => {
  const { session } = await open(threeSteps, {
    answer: (machine, command) =>
      machine === 'a' && command.includes('make it') ? { dies: 'it was shot' } : undefined,
  })
  t.regex((await session.doSteps({})).broken ?? '', /a.*it was shot/s)
  t.is((await session.inspect()).nodes[0]?.trouble, 'died: it was shot')
  t.is(await session.happen('machine b frozen'), 'machine b frozen')
  await session.end()
})

test('the end of a session aborts what is being done', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { session, provider } = await open(threeSteps, {
    answer(_machine, command) {
      if (!command.includes('make it')) return undefined
      begin()
      return { stays: true }
    },
  })
  const doing = session.doSteps({})
  const waiting = session.verify(undefined)
  await begun
  await session.end()
  await t.throwsAsync(doing, { message: /session is being ended/ })
  await t.throwsAsync(waiting, { message: /session is being ended/ })
  t.is(provider.calls.at(-1), 'tear down')
})
