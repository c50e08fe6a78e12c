import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'

const mark = '12,437,17100000,-;wirelab: the lab begins'

/** What the agent's function says of a kernel's log, as /dev/kmsg gives it, and a journal. */
function lookedFor(t: ExecutionContext, log: readonly string[], journal = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-crashes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'machine'))
  writeFileSync(join(folder, 'machine/system.journal'), journal)
  const script = [
    'import json, sys',
    'sys.path.insert(0, sys.argv[1])',
    'sys.dont_write_bytecode = True',
    'import look_for_crashes as it',
    'it.JOURNALS = sys.argv[2]',
    'it.kernel_log = lambda: [record.encode() for record in json.loads(sys.argv[3])]',
    'sys.stdout.write(it.run())',
  ].join('\n')
  const words = [import.meta.dirname, folder, JSON.stringify(log.map((record) => `${record}\n`))]
  return execFileSync('python3', ['-I', '-c', script, ...words], { encoding: 'utf8' })
}

test('what the kernel said since the mark is told as dmesg tells it, and whose words they are', (t) => {
  const log = [
    '6,1,5,-;before',
    mark,
    '6,438,18165288,-;x[9]: segfault at 0\n SUBSYSTEM=x',
    '13,439,118165288,-;a\\x0akern',
  ]
  t.is(
    lookedFor(t, log),
    [
      'user  :warn  : [   17.100000] wirelab: the lab begins',
      'kern  :info  : [   18.165288] x[9]: segfault at 0',
      'user  :notice: [  118.165288] a',
      'user  :notice: [  118.165288] kern',
      '--- units',
      '--- end',
      '',
    ].join('\n'),
  )
})

test('nothing is said where the mark is lost, the log is long, or a unit ended: the script looks there', (t) => {
  t.is(lookedFor(t, ['6,438,18165288,-;x[9]: segfault at 0']), '')
  t.is(lookedFor(t, [mark, `6,438,18165288,-;${'x'.repeat(20_000)}`]), '')
  t.is(lookedFor(t, [mark], 'x.service: Main process exited, code=exited'), '')
})
