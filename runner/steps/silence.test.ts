import test from 'ava'
import { hostNowMs } from '../host/host-now.ts'
import type { ProcessorWait } from '../providers/provider.ts'
import { labWith, runTest } from '../testing/test-run.ts'
import { isEnough } from './silence.ts'

const asked = 'PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n'
const totals = (sent: number, received: number) =>
  `\n--- 10.0.0.2 ping statistics ---\n${sent} packets transmitted, ${received} received, 0% packet loss, time 405ms\n`
const reply = `${asked}64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=700 ms\n${totals(1, 1)}`

/** Claims that nothing comes: how the wait stands in the command, what it prints then, and what when an answer comes. */
const kinds = {
  ping: {
    claim: 'ping: { from: a, to: b, is: unreachable }',
    wait: / -c 3 -i 0\.1 -W (\S+) /,
    silent: { stdout: asked + totals(3, 0), exitCode: 1 },
    answered: { stdout: reply },
  },
  reachability: {
    claim: 'reachability: { a: { b: unreachable } }',
    wait: / -c 3 -i 0\.1 -W (\S+) /,
    silent: { stdout: asked + totals(3, 0), exitCode: 1 },
    answered: { stdout: reply },
  },
  tcp: {
    claim: 'connect: { from: a, to: b, port: 7, is: unanswered }',
    wait: /connect-timeout=([\d.]+)/,
    silent: { stderr: 'socat[1] E connect(5, AF=2 10.0.0.2:7, 16): Connection timed out', exitCode: 1 },
    answered: { stderr: 'socat[1] N starting data transfer loop with FDs [5,5] and [1,1]' },
  },
  udp: {
    claim: 'connect: { from: a, to: b, port: 7, protocol: udp, is: unanswered }',
    wait: / ([\d.]+) UDP4:10\.0\.0\.2:7/,
    silent: {},
    answered: { stdout: '\n' },
  },
}

interface Behaviour {
  /** The asks, by their number, during which the host holds machines up. */
  readonly busy: readonly number[]
  /** The ask from which on answers come. */
  readonly answeredFrom?: number
  readonly claim?: string
}

/** Returns for how long each ask waited, in seconds, and what became of the claim. */
async function listen(name: keyof typeof kinds, { busy, answeredFrom = 9, claim }: Behaviour) {
  const kind = kinds[name]
  const waited: number[] = []
  const held: ProcessorWait[] = []
  const { cases } = await runTest(labWith(`  - { name: s, expect: [{ ${claim ?? kind.claim} }] }`), {
    waits: () => held,
    answer(_machine, command) {
      const wait = kind.wait.exec(command)?.[1]
      if (wait === undefined) return command.startsWith('ping') ? { stdout: reply } : undefined
      waited.push(Number(wait))
      const fromMs = hostNowMs()
      if (busy.includes(waited.length)) held.push({ machine: 'b', fromMs, untilMs: fromMs + 100 })
      return waited.length >= answeredFrom ? kind.answered : { ...kind.silent, afterMs: 100 }
    },
  })
  return { waited, verdict: cases[0] }
}

for (const name of ['ping', 'reachability', 'tcp', 'udp'] as const) {
  test(`that nothing came while machines were held up is asked again, for longer: ${name}`, async (t) => {
    const calm = await listen(name, { busy: [] })
    t.is(calm.verdict?.outcome, 'passed')
    t.is(calm.waited.length, 1)
    const again = await listen(name, { busy: [1] })
    t.is(again.verdict?.outcome, 'passed')
    t.is(again.waited.length, 2)
    t.true((again.waited[1] ?? 0) >= (again.waited[0] ?? 0) + 0.15, `${again.waited}`)
    t.is((await listen(name, { busy: [1], answeredFrom: 2 })).verdict?.outcome, 'failed')
  })

  test(`that nothing came proves nothing when machines are held up each time: ${name}`, async (t) => {
    const { waited, verdict } = await listen(name, { busy: [1, 2] })
    t.is(waited.length, 2)
    t.is(verdict?.outcome, 'error')
    t.regex(verdict?.found ?? '', /^the machines were too busy to tell: .*, and waited \d+ ms of it$/)
  })
}

test('in a table it is the silence that cannot be told, not what was answered', async (t) => {
  const claim = 'reachability: { a: { b: unreachable }, b: { a: reachable }, within: 0s }'
  const { verdict } = await listen('reachability', { busy: [1, 2], claim })
  t.deepEqual(
    verdict?.cells?.map((cell) => [cell.row, cell.verdict, cell.found]),
    [
      ['a', 'inconclusive', 'the machines were too busy to tell'],
      ['b', 'passed', 'reachable'],
    ],
  )
})

test('an answer that came is one, however long machines were held up', async (t) => {
  const { waited, verdict } = await listen('udp', { busy: [1], answeredFrom: 1 })
  t.deepEqual([waited.length, verdict?.outcome], [1, 'failed'])
})

test('half of what is needed is enough, of a wait that errors end early half of that', (t) => {
  const enough = (silenceMs: number, tookMs: number, heldUpMs: number) =>
    isEnough({ silenceMs, tookMs, heldUpMs }, 1000)
  t.deepEqual([enough(1000, 3000, 500), enough(1000, 3000, 501)], [true, false])
  t.deepEqual([enough(4000, 6000, 3500), enough(4000, 6000, 3501)], [true, false])
  t.deepEqual([enough(1000, 400, 200), enough(1000, 400, 201)], [true, false])
  t.true(enough(Number.POSITIVE_INFINITY, 400, 400))
})
