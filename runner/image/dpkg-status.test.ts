import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parseDpkgStatus } from './dpkg-status.ts'

const recorded = readFileSync(join(import.meta.dirname, 'fixtures/dpkg-status.txt'), 'utf8')

test('installed packages are listed by name with their versions', (t) => {
  t.deepEqual(parseDpkgStatus(recorded), { bird2: '2.0.12-7', 'bridge-utils': '1.7.1-1' })
})

test('packages that were removed or are half installed are not listed', (t) => {
  const removed = 'Package: wireshark\nStatus: deinstall ok config-files\nVersion: 4.0.17-0+deb12u1\n'
  const half = 'Package: half\nStatus: install ok half-installed\nVersion: 1\n'
  t.deepEqual(parseDpkgStatus(`${recorded}\n${removed}\n${half}`), parseDpkgStatus(recorded))
})

test('an empty status file lists nothing', (t) => {
  t.deepEqual(parseDpkgStatus(''), {})
})
