import test from 'ava'
import { mirrorsOf } from './mirrors.ts'

test('archives that a Debian host uses serve for the suite, each once', (t) => {
  const printed = [
    'http://mirror.example/debian/ main Debian Debian',
    'http://mirror.example/debian/ main Debian Debian',
    'http://mirror.example/debian/ contrib Debian Debian',
    'http://mirror.example/debian-security/ main Debian Debian-Security',
    'http://mirror.example/tools main Somebody Tools',
    '',
  ]
  t.deepEqual(mirrorsOf(printed.join('\n'), 'bookworm'), [
    'deb http://mirror.example/debian/ bookworm main',
    'deb http://mirror.example/debian/ bookworm-updates main',
    'deb http://mirror.example/debian-security/ bookworm-security main',
  ])
})

test("a host without Debian's archive leaves the choice to mmdebstrap", (t) => {
  t.deepEqual(mirrorsOf('', 'bookworm'), [])
  t.deepEqual(mirrorsOf('http://mirror.example/ubuntu main Ubuntu Ubuntu\n', 'bookworm'), [])
  t.deepEqual(mirrorsOf('http://mirror.example/s main Debian Debian-Security\n', 'bookworm'), [])
})
