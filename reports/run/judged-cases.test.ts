import test from 'ava'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { hasToFail } from './judged-cases.ts'

test('a mutation is caught by the cases that it names, not by others whose names begin alike', (t) => {
  const [started] = fixtureEvents('mutations').filter((event) => event.type === 'scope-started')
  if (started === undefined) return t.fail()
  const caughtBy = ['All answer: host reaches 10.0.0.1']
  const mutated = { ...started, mutation: { name: 'no route', caughtBy, line: 1 } }
  t.true(hasToFail(mutated, 'All answer: host reaches 10.0.0.1'))
  t.false(hasToFail(mutated, 'All answer: host reaches 10.0.0.10'))
  t.false(hasToFail(mutated, 'All answer: host reaches 10.0.0.1 (2)'))
  t.false(hasToFail({ ...started, mutation: { name: 'm', caughtBy: ['All answer'], line: 1 } }, caughtBy[0] ?? ''))
  t.false(hasToFail(undefined, 'All answer: host reaches 10.0.0.1'))
})
