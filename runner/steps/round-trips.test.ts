import test from 'ava'
import { hostNowMs } from '../host/host-now.ts'
import type { ProcessorWait } from '../providers/provider.ts'
import { labWith, runTest } from '../testing/test-run.ts'

const silent = (sent: number) => `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.

--- 10.0.0.2 ping statistics ---
${sent} packets transmitted, 0 received, 100% packet loss, time 405ms
`
const reply = (roundTripMs: number) => `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=${roundTripMs} ms

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = ${roundTripMs}/${roundTripMs}/${roundTripMs}/0.000 ms
`
const waitOf = (command: string) => / -c 3 -i 0\.1 -W (\S+) /.exec(command)?.[1]

const reaches = 'ping: { from: a, to: b, is: reachable }'
const cannot = 'ping: { from: b, to: a, is: unreachable }'
const claims = (...all: string[]) => `  - { name: s, expect: [${all.map((one) => `{ ${one} }`)}] }`

interface Behaviour {
  readonly roundTripMs?: number
  /** The host holds machines up while a ping waits so. */
  readonly heldUp?: string
  /** Whether an answer comes to who waits in full. */
  readonly isLate?: boolean
  /** How many of the first pings get no answer. */
  readonly lost?: number
}

/** Returns how long each claim of silence waited for an answer, as ping was told, and what became of the lab. */
async function waits(lab: ReturnType<typeof labWith>, { roundTripMs = 2, heldUp, isLate, lost = 0 }: Behaviour = {}) {
  const waited: string[] = []
  const held: ProcessorWait[] = []
  let toLose = lost
  const { outcome } = await runTest(lab, {
    waits: () => held,
    answer(_machine, command) {
      const wait = waitOf(command)
      if (wait === undefined) {
        if (!command.includes('-W 1 ')) return undefined
        return toLose-- > 0 ? { stdout: silent(1), exitCode: 1 } : { stdout: reply(roundTripMs) }
      }
      waited.push(wait)
      const fromMs = hostNowMs()
      if (wait === heldUp) held.push({ machine: 'b', fromMs, untilMs: fromMs + 20 })
      return isLate && wait.startsWith('1') ? { stdout: reply(700) } : { stdout: silent(3), exitCode: 1, afterMs: 60 }
    },
  })
  return { waited, outcome }
}

test('silence is waited for in full until a claim has measured a round trip', async (t) => {
  t.deepEqual((await waits(labWith(claims(cannot, reaches, cannot)))).waited, ['1', '0.3'])
  t.deepEqual((await waits(labWith(claims(cannot, reaches, cannot)), { roundTripMs: 30 })).waited, ['1', '0.6'])
  t.deepEqual((await waits(labWith(claims(reaches, cannot)), { roundTripMs: 80 })).waited, ['1'])
})

test('a table measures round trips too', async (t) => {
  const table = 'reachability: { a: { b: reachable }, b: { a: unreachable } }'
  t.deepEqual((await waits(labWith(claims(table, cannot)))).waited, ['1', '0.3'])
})

test('what was measured is forgotten when the lab does something', async (t) => {
  const again = `${claims(cannot).replace('name: s', 'name: again')}`
  for (const does of ['on: a, run: x', 'events: [{ link: { endpoint: "a:eth1", state: down } }]']) {
    const lab = labWith(`${claims(reaches, cannot)}\n  - { name: does, ${does} }\n${again}`)
    t.deepEqual((await waits(lab)).waited, ['0.3', '1'], does)
  }
  const quiet = labWith(`${claims(reaches, cannot)}\n${again}`)
  t.deepEqual((await waits(quiet)).waited, ['0.3', '0.3'])
})

test('what comes true only when it is tried again shows that the network is not at rest', async (t) => {
  const other = 'output: { on: a, command: x, equals: y, within: 0s }'
  t.deepEqual((await waits(labWith(claims(reaches, other, cannot)))).waited, ['1'])
  t.deepEqual((await waits(labWith(claims(reaches, cannot)), { lost: 1 })).waited, ['0.3'])
  const second = 'ping: { from: a, to: 10.0.0.2, is: reachable }'
  t.deepEqual((await waits(labWith(claims(reaches, second, cannot)), { lost: 2, roundTripMs: 30 })).waited, ['0.6'])
})

test('silence is asked for again, in full and longer, when the host held machines up during a short wait', async (t) => {
  const lab = labWith(claims(reaches, cannot, cannot))
  const busy = await waits(lab, { heldUp: '0.3' })
  t.deepEqual(busy, { waited: ['0.3', '1.04', '1'], outcome: 'passed' })
  t.deepEqual(await waits(lab, { heldUp: '0.3', isLate: true }), {
    waited: ['0.3', '1.04', '1'],
    outcome: 'failed',
  })
  t.deepEqual((await waits(lab, { heldUp: '1' })).waited, ['0.3', '0.3'])
})

test('silence is always waited for in full in a lab that delays packets', async (t) => {
  const after = (does: string) => labWith(`  - { name: does, ${does} }\n${claims(reaches, cannot)}`)
  const late = [
    'events: [{ impair: { endpoint: "a:eth1", delay: 700ms } }]',
    'on: a, run: "ip link set eth1 up\\ntc qdisc add dev eth1 root netem delay 700ms"',
    'on: a, run: sysctl -w net.ipv4.conf.all.proxy_arp=1',
  ]
  for (const does of late) t.deepEqual((await waits(after(does))).waited, ['1'], does)
  t.deepEqual((await waits(after('on: a, run: "etc/match"'))).waited, ['0.3'])
})

test('silence is always waited for in full where a link is declared late, or a file or a later step makes it so', async (t) => {
  const lab = labWith(claims(reaches, cannot))
  const [variant] = lab.variants
  if (variant === undefined) return t.fail()
  const [step] = variant.steps
  const content = new TextEncoder().encode('[NetworkEmulator]\nDelaySec=0.7\n')
  const action = { key: 'copy', value: [{ to: '/etc/x', from: 'x', content, template: content }], cases: [] }
  const variants = {
    link: { ...variant, links: variant.links.map((link) => ({ ...link, impairment: { delayMs: 700 } })) },
    file: { ...variant, steps: [...variant.steps, { ...step, index: 9, actions: [action], expectations: [] }] },
  }
  for (const [name, late] of Object.entries(variants)) {
    t.deepEqual((await waits({ ...lab, variants: [late as typeof variant] })).waited, ['1'], name)
  }
})
