import { readFileSync } from 'node:fs'
import test from 'ava'
import { findCrashes } from './find-crashes.ts'

// Recorded from look-for-crashes.sh on Debian 12, kernel 6.1, systemd 252.
const recorded = (name: string) => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8')
const mark = 'user  :warn  : [   16.813719] wirelab: the lab begins'
const printed = (kernel: readonly string[], units: readonly string[] = []) =>
  [mark, ...kernel, '--- units', ...units, '--- end', ''].join('\n')
const wordsIn = (text: string) => {
  const found = findCrashes(text)
  return typeof found === 'string' ? found : found.crashes.map(({ words }) => words)
}
const kern = (words: string) => `kern  :warn  : [   20.000000] ${words}`
const unit = (words: string) => `[   20.466984] m systemd[1]: ${words}`

test('what the OOM killer ended is a crash, and so are units whose process failed; words of others are not', (t) => {
  const words = wordsIn(recorded('oom-and-units'))
  t.regex(words[0] ?? '', /^Out of memory: Killed process 306 \(python3\)/)
  t.deepEqual(words.slice(1), [
    'x.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED',
    'bird.service: Main process exited, code=exited, status=1/FAILURE',
    'bird.service: Main process exited, code=exited, status=1/FAILURE',
  ])
})

test('a program that a signal ends is named once, also where the kernel tells of it twice', (t) => {
  const words = wordsIn(recorded('fatal-signals'))
  t.is(words.length, 3)
  t.is(words[0], 'python3[292]: fatal signal 6')
  t.regex(words[1] ?? '', /^python3\[293\]: segfault at 0/)
  t.is(words[2], 'sh[294]: fatal signal 3')
})

test("a kernel's warnings and oopses are crashes, with the lines after them", (t) => {
  for (const words of [
    'WARNING: CPU: 0 PID: 291 at net/core/dev.c:1 dev_x+0x1/0x2',
    'BUG: kernel NULL pointer dereference, address: 0000000000000000',
    'Oops: 0002 [#1] PREEMPT SMP NOPTI',
    'ping: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL)',
    'traps: bird[300] trap divide error ip:1 sp:2 error:0 in bird[1+2]',
    'traps: bird[300] general protection fault ip:1 sp:2 error:0',
    'Memory cgroup out of memory: Killed process 300 (bird) total-vm:1kB',
  ])
    t.deepEqual(wordsIn(printed([kern(words), kern('Call Trace:')])), [words])
})

test('ordinary words of the kernel are none, nor is what others write into its log or what came before the lab', (t) => {
  t.deepEqual(wordsIn(printed([kern('br0: port 1(eth1) entered forwarding state'), kern('8021q: adding VLAN 0')])), [])
  const bond = 'bond0: Warning: No 802.3ad response from the link partner for any adapters in the bond'
  t.deepEqual(wordsIn(printed([kern(bond)])), [])
  t.deepEqual(wordsIn(printed(['user  :warn  : [   26.221600] WARNING: mine'])), [])
  t.deepEqual(wordsIn(printed(['[   26.221600] m WARNING: mine'])), [])
})

test('the same lines from the journal are read alike', (t) => {
  const found = wordsIn(printed(['[   35.246989] m kernel: Out of memory: Killed process 306 (python3) total-vm:1kB']))
  t.deepEqual(found, ['Out of memory: Killed process 306 (python3) total-vm:1kB'])
})

test('a kernel that complains of standing still is no crash: whose fault it was, nobody knows', (t) => {
  const found = findCrashes(printed([kern('watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [bird:300]')]))
  t.like(found, { crashes: [] })
  t.is(typeof found === 'string' ? 0 : found.stalls.length, 1)
})

test('a unit that was killed crashed; one that fails while it is being stopped did not', (t) => {
  const killed = 'bird.service: Main process exited, code=killed, status=9/KILL'
  t.deepEqual(wordsIn(printed([], [unit(killed)])), [killed])
  const failed = 'bird.service: Main process exited, code=exited, status=143/n/a'
  const stopping = unit('Stopping bird.service - BIRD Internet Routing Daemon...')
  t.deepEqual(wordsIn(printed([], [stopping, unit(failed)])), [])
  t.deepEqual(wordsIn(printed([], [stopping, unit('Started bird.service - BIRD.'), unit(failed)])), [failed])
  t.deepEqual(
    wordsIn(printed([], [unit('wirelab-management.service: Main process exited, code=exited, status=1')])),
    [],
  )
})

test('of a unit that systemd ended because it was late that is told, until it starts again', (t) => {
  const killed = 'web.service: Main process exited, code=killed, status=15/TERM'
  const endOf = (...words: readonly string[]) => {
    const found = findCrashes(printed([], words.map(unit)))
    return typeof found === 'string' ? found : found.crashes.map(({ end }) => end)
  }
  t.deepEqual(endOf(killed), ['by itself'])
  for (const late of [
    'web.service: start operation timed out. Terminating.',
    "web.service: State 'stop-sigterm' timed out. Killing.",
    'web.service: Watchdog timeout (limit 3min)!',
  ]) {
    t.deepEqual(endOf(late, killed), ['late'], late)
    t.deepEqual(endOf(late, killed, 'Starting web.service - Web...', killed), ['late', 'by itself'])
    t.deepEqual(endOf(late.replace('web', 'other'), killed), ['by itself'])
  }
})

test('an answer that is not whole tells nothing', (t) => {
  t.is(typeof wordsIn(''), 'string')
  t.is(typeof wordsIn(`${mark}\n--- units\n`), 'string')
  t.is(typeof wordsIn('--- units\n--- end\n'), 'string')
  t.is(typeof wordsIn(`${kern('late')}\n--- units\n--- end\n`), 'string')
})
