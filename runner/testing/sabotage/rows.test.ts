import test from 'ava'
import { rows } from './rows.ts'

test('each row of the sabotage table is another, and no claim may pass', (t) => {
  t.true(rows.length >= 40)
  t.is(new Set(rows.map(({ what }) => what)).size, rows.length)
  t.deepEqual(
    rows.filter(({ wanted }) => !['error', 'failed', 'refused', 'skipped'].includes(wanted)),
    [],
  )
})
