import { execFileSync, spawnSync } from 'node:child_process'
import test from 'ava'
import { withoutHugePages } from './without-huge-pages.ts'

const printed = (argv: readonly string[]) => execFileSync(argv[0] as string, argv.slice(1), { encoding: 'utf8' })

test('the kernel gives the program no huge pages, and those that it starts in its turn', (t) => {
  const asked = ['sh', '-c', 'grep THP_enabled /proc/self/status']
  // What the tests run under may have it so already; that it is 0 under the command line is what counts.
  t.is(printed(withoutHugePages(asked)), 'THP_enabled:\t0\n')
})

test('arguments reach the program as they are, and so does its end', (t) => {
  t.is(printed(withoutHugePages(['printf', '%s|', 'a b', '$c', ''])), 'a b|$c||')
  const [program = '', ...rest] = withoutHugePages(['sh', '-c', 'exit 3'])
  t.is(spawnSync(program, rest).status, 3)
})

test('a program that is missing is named', (t) => {
  const [program = '', ...rest] = withoutHugePages(['no-such-program', '-x'])
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' })
  t.not(status, 0)
  t.is(stderr, 'no-such-program: No such file or directory\n')
})
