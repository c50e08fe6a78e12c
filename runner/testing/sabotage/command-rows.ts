import type { Row } from './row.ts'
import { namespaceGone } from './world.ts'

const lacks = (command: string, on = 'a') => ({ output: { on, command, lacks: 'FAIL', within: '0s' } })

/** Commands and background processes that did not do what they were asked. */
export const commandRows: readonly Row[] = [
  { what: 'the command is killed', claim: lacks('echo PASS; kill -9 $$'), before: 'failed', wanted: 'error' },
  { what: 'the command is not there', claim: lacks('nosuchcommand'), before: 'error', wanted: 'error' },
  {
    what: 'the command before a pipe is not there',
    claim: lacks('nosuchcommand | cat'),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the file that lacks the text is not there',
    claim: lacks('cat /var/log/nosuch | cat'),
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: 'the shell of the machine is missing',
    does: 'mv /usr/bin/bash /usr/bin/hidden-bash',
    undo: 'mv /usr/bin/hidden-bash /usr/bin/bash',
    claim: lacks('echo PASS; true'),
    before: 'failed',
    wanted: 'error',
  },
  {
    what: 'the namespace of the command is gone',
    ...namespaceGone,
    claim: lacks('echo PASS', 'n'),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'a name that no DNS knows, in place of an address',
    claim: lacks('ping -c 1 -W 1 nosuch.example | cat'),
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: 'a background process died before it could print',
    does: 'true',
    step: { start: { id: 'p', run: 'sleep 0.2; exit 1', within: '5s' } },
    claim: { printed: { by: 'p', lacks: 'FAIL', for: '1s' } },
    before: 'passed',
    wanted: 'error',
  },
  // The last: what is tried next may come upon the connection that is no more.
  { what: 'the connection is lost', claim: lacks('kill -9 $PPID; sleep 1'), before: 'error', wanted: 'error' },
]
