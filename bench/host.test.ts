import test from 'ava'
import { whyNotQuiet } from './host.ts'

const quiet = { loadAtStart: 0.2, loadAtEnd: 3, othersShare: 0.02 }

test('a host is quiet whose processors have nothing else to do; the load of the measurements is no matter', (t) => {
  t.is(whyNotQuiet(quiet, 2), undefined)
})

test('a host is not quiet that is busy at first, or with other things meanwhile', (t) => {
  t.is(whyNotQuiet({ ...quiet, loadAtStart: 1 }, 2), 'the host was not quiet: its load was 1.00 at the start')
  const others = 'the host was not quiet: other things took 12 % of its processors'
  t.is(whyNotQuiet({ ...quiet, othersShare: 0.12 }, 2), others)
})
