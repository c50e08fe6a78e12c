import test from 'ava'
import { differencesOf, isBroken, parseOutcomes, renderCounts } from './outcomes.ts'

const printed = `Name "h1" is not a file
TEST: ping                                                          [ OK ]
TEST: ping6                                                         [FAIL]
\tping6 failed
TEST: ping                                                          [ OK ]
TEST: Port down                                                     [SKIP]
`

test('each test that a script tells of has its outcome, also one whose name another has', (t) => {
  const outcomes = parseOutcomes(printed, 1)
  t.deepEqual(Object.fromEntries(outcomes), { ping: 'OK', ping6: 'FAIL', 'ping #2': 'OK', 'Port down': 'SKIP' })
  t.is(renderCounts(outcomes), '2 OK, 1 FAIL, 1 SKIP')
})

test('a script that tells of no test is skipped with its reason, or has its exit code', (t) => {
  t.deepEqual([...parseOutcomes('SKIP: mausezahn not installed\n', 4)], [['mausezahn not installed', 'SKIP']])
  t.deepEqual([...parseOutcomes('syntax error\n', 2)], [['the script', 'exit 2']])
  t.true(isBroken(parseOutcomes('', 127)))
  t.false(isBroken(parseOutcomes('SKIP: mausezahn not installed\n', 4)))
})

test('what became something else is named, and so is what was not tried', (t) => {
  const other = parseOutcomes(printed.replace('[FAIL]', '[ OK ]').replace(/TEST: Port.*\n/, ''), 0)
  t.deepEqual(differencesOf(parseOutcomes(printed, 1), other), [
    ['ping6', 'FAIL', 'OK'],
    ['Port down', 'SKIP', 'none'],
  ])
  t.deepEqual(differencesOf(other, other), [])
})
