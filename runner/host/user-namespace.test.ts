import test from 'ava'
import { firstFreeId, hasIds } from './user-namespace.ts'

const lines = 'alice:100000:65536\n1001:165536:65536\nbob:231072:1000\n\n'

test('a user has subordinate IDs under the name or the number, if they are enough', (t) => {
  t.true(hasIds(lines, 'alice', 1000))
  t.true(hasIds(lines, 'carol', 1001))
  t.false(hasIds(lines, 'bob', 1002))
  t.false(hasIds(lines, 'dave', 1003))
  t.false(hasIds('', 'alice', 1000))
})

test('IDs that nobody has begin above all others', (t) => {
  t.is(firstFreeId(lines), 232_072)
  t.is(firstFreeId(''), 100_000)
})
