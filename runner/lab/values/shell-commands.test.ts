import test from 'ava'
import { isQuestion } from '../mutations/auto/questions.ts'
import { shellCommands } from './shell-commands.ts'

const textsOf = (script: string) => shellCommands(script).map(({ text }) => text)
const asks = (script: string) => shellCommands(script).every(isQuestion)

test('commands end at line feeds and semicolons, and comments are none', (t) => {
  t.deepEqual(textsOf('# first\nip link add a; ip link set a up # now\n\n  two  \n'), [
    'ip link add a',
    'ip link set a up',
    'two',
  ])
  t.deepEqual(textsOf('# nothing\n   \n'), [])
})

test('a loop, a condition, a function, a pipe, a continued line and a here-document are one command each', (t) => {
  const whole = [
    'for n in 1 2; do\n  ip link add d$n\ndone',
    'if true; then\n  one\nelse\n  two\nfi',
    'while read -r a; do\n  if x; then y; fi\ndone < /etc/list',
    'case $role in\n  data) port=80 ;;\n  *) continue ;;\nesac',
    'work() {\n  one\n  two\n}',
    '{\n  one\n  two\n} > /run/file',
    'cat /etc/list |\n  while read -r a; do\n    echo $a\n  done',
    'one &&\n  two',
    'ip link add a \\\n  type bridge',
    "cat > /etc/f <<END\n# comment; not one\nit's text\nEND",
    'printf \'%s;\n\' "a;b\n" > /run/x',
    'x=$(one; two)\necho "$x" > /run/x'.split('\n')[0] ?? '',
  ]
  for (const command of whole)
    t.deepEqual(textsOf(`before\n${command}\nafter\n`), ['before', command, 'after'], command)
})

test('offsets are those of the script, also behind characters of two units', (t) => {
  const script = "echo '😀'\nip link set a up\n"
  const last = shellCommands(script).at(-1)
  t.is(script.slice(last?.start, last?.end), 'ip link set a up')
})

test('what only looks is a question', (t) => {
  const questions = [
    'cat /etc/hosts',
    'ip addr show',
    'ip -br link',
    'ip -n c1 -j route get 10.0.0.1',
    'ip netns exec c1 ip neigh',
    'ip monitor link',
    'bridge link',
    'bridge -j fdb show br br0',
    'brctl showmacs br0',
    'ping -c 1 10.0.0.1',
    'echo hello',
    'cat x 2>/dev/null | grep y >&2',
    'nft list ruleset',
    'iptables -t nat -nvL',
    'sysctl net.ipv4.ip_forward',
    'tc -s qdisc show dev eth0',
    'for n in 1 2; do ip link show d$n; done',
    'birdc show route',
    'strace -o /run/t -e trace=ioctl brctl show',
    'x=$(cat /proc/uptime)',
    'timeout 5 tcpdump -i eth0',
  ]
  for (const question of questions) t.true(asks(question), question)
  const changes = [
    'ip link add a type bridge',
    'ip -n c1 link set eth0 up',
    'ip netns exec c1 sysctl -w net.ipv4.ip_forward=1',
    'ip netns add c1',
    'ip neigh flush all',
    'ip -batch commands',
    'bridge vlan add vid 10 dev eth1',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo x | tee /etc/f',
    'cat > /etc/f <<END\nx\nEND',
    'iptables -A INPUT -j DROP',
    'for n in 1 2; do ip link add d$n; done',
    'sed -i s/a/b/ /etc/f',
    'hostname box',
    'strace -o /run/t brctl addbr br0',
    'systemctl start bird',
    'birdc configure',
    'if ! ip link show a; then ip link add a type dummy; fi',
  ]
  for (const change of changes) t.false(asks(change), change)
})
