import test from 'ava'
import { readSize } from './options.ts'

test('a size has a unit, and is not nothing', (t) => {
  t.is(readSize('x', undefined), undefined)
  t.is(readSize('x', '500MB'), 500e6)
  t.is(readSize('x', '2gb'), 2e9)
  for (const text of ['', '500', '0MB', '-1GB', '1.5GB', '1 GB', '1e3MB', '1TB', '99999999GB'])
    t.throws(() => readSize('x', text), { message: `cannot read --x ${text}: expected a size, as 500MB or 2GB` })
})
