import test from 'ava'
import { bringsPrograms, namesMadeIn, programsIn } from './shell-programs.ts'

const names = (script: string) => programsIn(script).map(({ name }) => name)

test('first words of commands and pipes are programs', (t) => {
  t.deepEqual(names('ip link show | grep x && bridge fdb; iperf3 -s &\nLC_ALL=C sort -u <f >g'), [
    ...['ip', 'grep', 'bridge', 'iperf3', 'sort'],
  ])
  t.deepEqual(
    names('for i in a b; do\n  # a word\n  ping x\ndone\nif ! curl y; then nc z; fi\nwhile sleep 1; do :; done'),
    [...['ping', 'curl', 'nc', 'sleep']],
  )
  t.deepEqual(names('cat >f <<EOF\nword | other\nEOF\nafter'), ['cat', 'after'])
  t.deepEqual(names('one &&\\\n  two \\\n  three'), ['one', 'two'])
})

test('what a shell does itself, functions, paths, quotes and what is filled in are no programs', (t) => {
  t.deepEqual(names('cd /x; echo a; /opt/run; ./run; "quoted x"; $PROGRAM x; x=1; y=$(a b c); z="a b" c'), [])
  t.deepEqual(names('wait_for() { sleep 1; }\nfunction other { :; }\nwait_for; other'), [])
  t.deepEqual(names('[[ a == b && c ]] && d\ncase $x in a|b) c ;; esac'), [])
  t.deepEqual(names('x=$(one | two)\n(three; four)'), [])
})

test('where a program stands is told by how often its name stood before', (t) => {
  t.deepEqual(programsIn('echo foo foo\nfoo'), [{ name: 'foo', nth: 2 }])
})

test('a name at the end of a path, or asked for, may become a program', (t) => {
  t.deepEqual(namesMadeIn('ln -s a /usr/bin/foo; cat >/usr/local/bin/bar.sh; command -v baz || x'), [
    ...['foo', 'bar.sh', 'baz'],
  ])
  t.true(bringsPrograms('apt-get -y install foo'))
  t.true(bringsPrograms('export PATH=/opt:$PATH'))
  t.false(bringsPrograms('ip link; install -m 755 a /b/c'))
})
