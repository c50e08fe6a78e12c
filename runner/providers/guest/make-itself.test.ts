import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import test from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { planRun } from '../../plan.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { pair } from '../../testing/test-machines.ts'
import type { Connection } from '../../transports/transport.ts'
import { makeItself } from './make-itself.ts'

const script = 'import sys; sys.path.insert(0, sys.argv[1]); import make_itself; make_itself.write(*sys.argv[2:])'

test('a file of the template is written anew, whether it was longer or shorter', (t) => {
  const file = join(writeFolder({}), 'hostname')
  for (const before of ['\n', 'r1\n', 'a-long-name\n']) {
    writeFileSync(file, before)
    execFileSync('python3', ['-IBc', script, import.meta.dirname, file, 'r17'])
    t.is(readFileSync(file, 'utf8'), 'r17\n')
  }
  const absent = `${file}-absent`
  execFileSync('python3', ['-IBc', script, import.meta.dirname, absent, 'r17'])
  t.is(readFileSync(absent, 'utf8'), 'r17\n')
})

test('a machine that stood in no template gets the time that all of a run has, whatever the host’s is set to', async (t) => {
  let words: readonly string[] = []
  const connection = {
    async call(_name: string, given: readonly string[]) {
      words = given
    },
  } as unknown as Connection
  const [planned] = planRun('pair', pair).machines
  const setTo = mock.method(Date, 'now', () => 0)
  try {
    if (planned) await makeItself(connection, planned, { plugged: [], timeoutMs: 1000 })
  } finally {
    setTo.mock.restore()
  }
  t.true(Math.abs(Number(words[0]?.slice(1)) * 1000 - hostNowMs()) < 60_000, words[0])
})
