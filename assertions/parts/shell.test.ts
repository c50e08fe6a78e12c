import { spawnSync } from 'node:child_process'
import test from 'ava'
import { commandsIn, shellArgv } from './shell.ts'

function run(script: string) {
  const [program, ...args] = shellArgv(script)
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return [status, stdout]
}

test('commands end at the first that fails, in a pipe too', (t) => {
  t.deepEqual(run('echo one; false; echo two'), [1, 'one\n'])
  t.deepEqual(run('false | cat; echo two'), [1, ''])
  t.deepEqual(run('if false | cat; then echo yes; else echo no; fi; false || echo on'), [0, 'no\non\n'])
})

test('commands are told from arguments that are no shell’s', (t) => {
  t.is(commandsIn(shellArgv('ip link | cat')), 'ip link | cat')
  t.is(commandsIn(['sh', '-c', 'ip link']), undefined)
  t.is(commandsIn([...shellArgv('echo $1'), 'bash', 'x']), undefined)
})
