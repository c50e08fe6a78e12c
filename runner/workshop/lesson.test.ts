import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { labWith } from '../testing/test-run.ts'
import { keepLearned, learnedFile, readLearned } from './learned.ts'
import { answerOf, hintsOf, lessonAt, whereToGoOn } from './lesson.ts'

const steps =
  labWith(`  - { name: Nothing yet, expect: [{ ping: { from: a, to: b, is: unreachable } }] }
  - name: Cable
    on: a
    run: |
      ip link set eth1 up
      ip addr add 10.0.0.1/24 dev eth1
      cat > /tmp/x <<END
      ip is no command here
      END
  - { name: Connected, expect: [{ ping: { from: a, to: b, is: reachable } }] }
  - { name: Cut, events: [{ link: { endpoint: "a:eth1", state: down } }] }
  - { name: Refused, on: b, run: ping nobody, refused: unknown }
  - { name: Kept, on: b, run: ip link, keep: { mac: ether } }
  - { name: End, on: b, run: "true {{kept.mac}}" }`).variants[0]?.steps ?? []

test('a lesson is a step that does something, with the questions of all that is then claimed', (t) => {
  t.like(lessonAt(steps, 0), { step: { name: 'Cable' }, number: 1, of: 5 })
  t.deepEqual(lessonAt(steps, 0)?.questions, ['Will a reach b?'])
  t.like(lessonAt(steps, 2), { step: { name: 'Cut' }, number: 2, questions: [] })
  t.is(lessonAt(steps, 7), undefined)
})

test('what a run must do itself is not for typing', (t) => {
  t.deepEqual(
    [1, 3, 4, 5, 6].map((done) => lessonAt(steps, done)?.notTypable),
    [
      undefined,
      undefined,
      'it is judged by what its commands print',
      'later steps need what its commands print',
      undefined,
    ],
  )
})

test('hints tell of what the commands are, then their beginnings; the answer is all of them', (t) => {
  const [cable, cut] = [lessonAt(steps, 0)?.step, lessonAt(steps, 2)?.step]
  if (cable === undefined || cut === undefined) return t.fail()
  const [vague, clear] = hintsOf(cable)
  t.is(vague, '3 commands, of: ip link, ip addr, cat >')
  t.is(clear.split('\n')[1], 'ip addr add … … …')
  t.is(answerOf(cable).length, 5)
  t.deepEqual(answerOf(cut), ['event link a:eth1 down'])
})

test('whoever comes back goes on where he was, or behind what was done without him', (t) => {
  t.deepEqual(whereToGoOn(steps, 0, 0), { done: 0, isCounted: false })
  t.deepEqual(whereToGoOn(steps, 0, 3), { done: 0, isCounted: true })
  t.deepEqual(whereToGoOn(steps, 0, 4), { done: 4, isCounted: false })
  t.deepEqual(whereToGoOn(steps, 6, 7), { done: 6, isCounted: true })
})

test('what was learned is kept in a file of one’s own, and forgotten', (t) => {
  const path = learnedFile({ lab: 'x', variant: 'y' }, { XDG_STATE_HOME: writeFolder({}) })
  t.is(readLearned(path), undefined)
  keepLearned(path, { file: '/x', done: 2, last: 'Cable' })
  t.deepEqual(readLearned(path), { file: '/x', done: 2, last: 'Cable' })
  keepLearned(path, undefined)
  t.is(readLearned(path), undefined)
})
