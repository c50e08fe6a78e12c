import test from 'ava'
import { panicIn } from './panic-lines.ts'

const console = `[    2.1] booted
[   36.937697] sysrq: Trigger a crash
[   36.939267] Kernel panic - not syncing: sysrq triggered crash
[   36.939483] CPU: 0 PID: 322 Comm: bash Not tainted
[   36.940463] Call Trace:
`

test('a panic is found in what a console printed, from the trouble that led to it on', (t) => {
  t.deepEqual(panicIn(console), {
    cause: 'sysrq triggered crash',
    lines: console.trimEnd().split('\n').slice(1).join('\n'),
  })
})

test('a console that tells of none has none', (t) => {
  t.is(panicIn('[    2.1] booted\n[ 36.9] reboot: Power down\n'), undefined)
})
