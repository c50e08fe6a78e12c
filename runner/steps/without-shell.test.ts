import test from 'ava'
import { shellArgv } from '../../assertions/parts/shell.ts'
import { withoutShell } from './without-shell.ts'

test('what a shell would only pass on is run without it', (t) => {
  t.deepEqual(withoutShell(shellArgv('ip link set dev eth1 up\n')), ['ip', 'link', 'set', 'dev', 'eth1', 'up'])
  t.deepEqual(withoutShell(shellArgv('/sbin/sysctl -w net.ipv4.ip_forward=1')), [
    '/sbin/sysctl',
    '-w',
    'net.ipv4.ip_forward=1',
  ])
})

test('what means something to a shell is left to it', (t) => {
  const scripts = [
    ...['ip link\nip addr', 'ip link; ip addr', 'ip link | cat', 'ip link && true', 'ip link &', 'ip link > /dev/null'],
    ...['ip  link', "echo 'a'", 'cat "a"', 'cat $a', 'cat `a`', 'cat ~/a', 'cat a*', 'cat a?', 'cat [a]', 'cat {a,b}'],
    ...['A=1 env', 'A=1', '! ip link', 'ip link # all', '(ip link)', 'a\\ b', 'ip\tlink', '', ' ', 'cat <a', 'x=y z'],
    ...['cd /', 'echo a', 'kill 1', 'test -e a', 'exec ip link', 'set -x', 'umask', 'env', 'ps', 'time ip link', ': a'],
  ]
  for (const script of scripts) t.deepEqual(withoutShell(shellArgv(script)), shellArgv(script), script)
})

test('a shell with arguments for its script, or other options, stays, and so does what is no shell', (t) => {
  for (const argv of [
    ['sh', '-c', 'ip link'],
    ['bash', '-eo', 'pipefail', '-c', 'ip link', 'bash', 'a'],
    ['sh', '-x', '-c', 'ip link'],
    ['sh', 'ip'],
    ['ip', '-c', 'link'],
  ] as const)
    t.deepEqual(withoutShell(argv), argv)
})
