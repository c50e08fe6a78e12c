import test from 'ava'
import { hasCode } from '../errors.ts'
import { commandProblem, runHostCommand, tryHostCommand } from './host-command.ts'

test('words reach the program as they are, without a shell', async (t) => {
  const words = ['a b', '$HOME', "it's", '"', '*', '', '\\', 'x;y']
  const { stdout } = await runHostCommand(['printf', '<%s>', ...words])
  t.is(stdout, words.map((word) => `<${word}>`).join(''))
})

test('output and exit code of a failing program are given by tryHostCommand', async (t) => {
  const result = await tryHostCommand(['sh', '-c', 'echo out; echo err >&2; exit 3'])
  t.deepEqual(result, { exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
})

test('runHostCommand throws a failing program with its last words', async (t) => {
  await t.throwsAsync(runHostCommand(['sh', '-c', 'echo no such thing >&2; exit 3']), {
    name: 'WirelabError',
    message: 'cannot run sh: exit code 3: no such thing',
  })
})

test('a program that is not installed is said to be so', async (t) => {
  await t.throwsAsync(tryHostCommand(['wirelab-no-such-program']), {
    message: 'cannot run wirelab-no-such-program: it is not installed',
  })
})

test('lines of both streams are passed on as they come, also a last one without an end', async (t) => {
  const lines: string[] = []
  await runHostCommand(['sh', '-c', 'printf "one\\ntwo\\rthree"; sleep 0.1; echo four >&2'], {
    onLine: (line) => lines.push(line),
  })
  t.deepEqual(lines.sort(), ['four', 'one', 'three', 'two'])
})

test('a program that takes too long is ended and named', async (t) => {
  await t.throwsAsync(tryHostCommand(['sleep', '60'], { timeoutMs: 100, title: 'the nap' }), {
    message: 'cannot run the nap: it had not ended after 0.1 s',
  })
})

test('a program is ended by the signal, with the reason of it', async (t) => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const ended = tryHostCommand(['sleep', '60'], { signal: controller.signal, dieWithRunner: true })
  setTimeout(() => controller.abort(reason), 50)
  t.is(await t.throwsAsync(ended), reason)
})

test('what went wrong with a program is data beside the sentence', async (t) => {
  const failed = await t.throwsAsync(runHostCommand(['sh', '-c', 'echo out; echo err >&2; exit 3']))
  t.true(hasCode(failed, 'exit-code'))
  t.like(failed, {
    detail: { title: 'sh', problem: 'exit code 3: err', exitCode: 3, stdout: 'out\n', stderr: 'err\n' },
  })
  t.is(commandProblem(failed), 'sh: exit code 3: err')
  const absent = await t.throwsAsync(runHostCommand(['wirelab-no-such-program'], { title: 'it' }))
  t.true(hasCode(absent, 'not-installed'))
  t.is(commandProblem(absent), 'it: it is not installed')
  t.like(await t.throwsAsync(runHostCommand(['sleep', '60'], { timeoutMs: 50 })), { code: 'timed-out' })
  t.like(await t.throwsAsync(runHostCommand(['sh', '-c', 'kill -KILL $$'])), { code: 'not-ended' })
  t.is(commandProblem(new Error('another')), 'another')
})

// As unshare(1) of util-linux 2.41 does, where it may make no user namespace.
test('a child that outlives a program and holds its output is not waited for', async (t) => {
  const ended = await tryHostCommand(['sh', '-c', 'sleep 300 & echo $!; exit 3'])
  t.is(ended.exitCode, 3)
  process.kill(Number(ended.stdout))
})
