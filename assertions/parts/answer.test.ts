import test from 'ava'
import { recorded } from '../fixtures/recorded.ts'
import { firstLine, missingDevice, whyNotRun, whyNotStarted } from './answer.ts'

test('a command that ran, with or without success, has no reason', (t) => {
  t.is(whyNotRun(recorded('ping/answered')), undefined)
  t.is(whyNotRun(recorded('ping/unanswered')), undefined)
  t.is(whyNotRun(recorded('link/absent')), undefined)
})

test('each obstacle has its own words', (t) => {
  t.is(whyNotRun(recorded('ping/no-namespace')), 'the network namespace "absent" does not exist')
  t.is(whyNotRun(recorded('common/no-tool-in-namespace')), '"nosuch-tool" is not installed')
  t.is(whyNotRun(recorded('common/no-tool-in-shell')), '"nosuch-tool" is not installed')
  t.is(whyNotRun(recorded('common/no-tool-in-pipe')), '"nosuch-tool" is not installed')
  t.is(
    whyNotRun(recorded('common/not-executable')),
    'a command could not be executed: sh: 1: /run/not-executable: Permission denied',
  )
  t.is(
    whyNotRun(recorded('common/no-permission')),
    'the command was not permitted: RTNETLINK answers: Operation not permitted',
  )
  t.is(whyNotRun({ ...recorded('ping/answered'), timedOut: true }), 'the command did not end in time')
  t.is(whyNotRun({ ...recorded('ping/answered'), exitCode: 137 }), 'signal 9 ended the command')
})

test("bash's words for a missing command are known too", (t) => {
  const answer = { exitCode: 0, stdout: '', stderr: 'bash: line 1: brctl: command not found\n', timedOut: false }
  t.is(whyNotRun(answer), '"brctl" is not installed')
})

test('a refusal by the kernel is a start', (t) => {
  t.is(whyNotStarted(recorded('common/no-permission')), undefined)
})

test('a missing device is named, as ip and bridge word it', (t) => {
  t.is(missingDevice(recorded('link/absent')), 'bridge0')
  t.is(missingDevice(recorded('fdb/no-bridge')), 'bridge0')
  t.is(missingDevice(recorded('link/bridge')), undefined)
})

test('the first line is the first that is not blank', (t) => {
  t.is(firstLine('\n  \n a\nb'), 'a')
  t.is(firstLine(''), '')
})
