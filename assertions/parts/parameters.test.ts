import test from 'ava'
import { target } from './parameters.ts'

test('a node may be called by a number, and a mistyped address is no node', (t) => {
  for (const name of ['2', '10', 'r1', '1a', '10.0.0.1', 'fd00::1']) t.true(target.safeParse(name).success, name)
  for (const name of ['10.0.3', '1.2.3.4.5', '10.0.0.256', '.', '']) t.false(target.safeParse(name).success, name)
})
