import { execFileSync } from 'node:child_process'
import test from 'ava'
import { shellLine } from './shell-words.ts'

test('a shell splits a line into the arguments that it was made of', (t) => {
  const words = ['plain', "it's", 'a  b', '$HOME `id` \\', '', '*', '-n', 'ä\n"x"', "''"]
  t.is(
    execFileSync('sh', ['-c', `printf '<%s>' ${shellLine(words)}`], { encoding: 'utf8' }),
    words.map((word) => `<${word}>`).join(''),
  )
})

test('plain words stay readable', (t) => {
  t.is(
    shellLine(['ip', '-br', 'link', 'show', 'dev', 'eth0@if4', '10.0.3.1/24']),
    'ip -br link show dev eth0@if4 10.0.3.1/24',
  )
})
