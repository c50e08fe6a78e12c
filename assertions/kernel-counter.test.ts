import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { kernelCounter } from './kernel-counter.ts'

const world = { addresses: {} }
const parse = (wanted: object = {}) =>
  kernelCounter.parameters.parse({ on: 'r1', of: 'IpOutRequests', count: 0, ...wanted })
const answerOf = (...recordings: readonly string[]) => {
  const answers = recordings.map((recording) => recorded(`kernel-counter/${recording}`))
  return { exitCode: 0, stderr: '', timedOut: false, stdout: answers.map(({ stdout }) => stdout).join('') }
}
const judge = (wanted: object, ...recordings: readonly string[]) =>
  kernelCounter.judge(parse(wanted), [answerOf(...recordings)], world)

test('a counter of the network stack has a value', (t) => {
  t.deepEqual(judge({}, 'one'), { verdict: 'passed', found: 'IpOutRequests on r1 is 0' })
  t.is(judge({ count: undefined, 'at-least': 1 }, 'one').verdict, 'failed')
})

test('a counter of an interface has a value, by ip or by its driver', (t) => {
  const { stdout } = recorded('kernel-counter/link')
  const count = JSON.parse(stdout)[0].stats64.rx.packets
  t.is(judge({ dev: 'port1', of: 'rx_packets', count }, 'link').verdict, 'passed')
  t.is(judge({ dev: 'port1', of: 'rx_packets', count: count + 1 }, 'link').verdict, 'failed')
  t.is(judge({ dev: 'port1', of: 'rx_queue_0_drops' }, 'ethtool').verdict, 'passed')
  t.is(judge({ dev: 'port1', of: 'rx_queue_0_drops', count: 3 }, 'ethtool').verdict, 'failed')
})

test('a counter grows between two looks', (t) => {
  const more = answerOf('link', 'link').stdout.replace(/("packets":)\d+/, '$12')
  const answer = { exitCode: 0, stderr: '', timedOut: false, stdout: more }
  const last = JSON.parse(recorded('kernel-counter/link').stdout)[0].stats64.rx.packets
  const wanted = { dev: 'port1', of: 'rx_packets', seconds: 1 }
  t.deepEqual(kernelCounter.judge(parse({ ...wanted, count: last - 2 }), [answer], world), {
    verdict: 'passed',
    found: `rx_packets on r1:port1 grows by ${last - 2} in 1 s`,
  })
  t.is(judge(wanted, 'link', 'link').verdict, 'passed')
  t.is(judge({ ...wanted, of: 'rx_queue_0_drops' }, 'ethtool', 'ethtool').verdict, 'passed')
  t.is(judge(wanted, 'link').verdict, 'inconclusive')
})

test('a counter that nobody shows, or a tool that fails, tells nothing', (t) => {
  t.is(judge({ of: 'IpNoSuch' }, 'unknown').verdict, 'inconclusive')
  t.is(judge({ dev: 'port1', of: 'rx_nosuch' }, 'ethtool').verdict, 'inconclusive')
  t.is(judge({ of: 'constructor' }, 'one').verdict, 'inconclusive')
  for (const recording of [
    'kernel-counter/old-option',
    'kernel-counter/no-ethtool',
    'common/no-tool-in-namespace',
    'link/absent',
  ])
    t.is(
      kernelCounter.judge(parse({ dev: 'lo', of: 'rx_packets' }), [recorded(recording)], world).verdict,
      'inconclusive',
      recording,
    )
  for (const stdout of ['', '{}', '[]', 'IpOutRequests 0 0.0'])
    t.is(
      kernelCounter.judge(parse(), [{ exitCode: 0, stdout, stderr: '', timedOut: false }], world).verdict,
      'inconclusive',
    )
})

test('each kind of counter is asked of the tool that shows it', (t) => {
  t.like(kernelCounter.probe(parse(), world)[0], { argv: ['nstat', '-jasz', 'IpOutRequests'] })
  t.like(kernelCounter.probe(parse({ dev: 'eth1', of: 'tx_dropped' }), world)[0], {
    argv: ['ip', '-j', '-s', 'link', 'show', 'dev', 'eth1'],
  })
  t.like(kernelCounter.probe(parse({ dev: 'eth1', of: 'rx_queue_0_drops' }), world)[0], {
    argv: ['ethtool', '-S', 'eth1'],
  })
  t.like(kernelCounter.probe(parse({ seconds: 2 }), world)[0], {
    argv: ['sh', '-c', '"$@" && sleep 2 && "$@"', 'sh', 'nstat', '-jasz', 'IpOutRequests'],
    silenceMs: 2000,
  })
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(kernelCounter.claim(parse()), 'IpOutRequests on r1 is 0')
  t.is(
    kernelCounter.claim(parse({ dev: 'eth1', of: 'rx_packets', seconds: 1, count: undefined, 'at-most': 9 })),
    'rx_packets on r1:eth1 grows by at most 9 in 1 s',
  )
  asks(
    t,
    kernelCounter,
    { on: 'r1', of: 'IpOutNoRoutes' },
    { 'What will IpOutNoRoutes on r1 be?': [{ count: 0 }, { 'at-least': 7 }] },
  )
  t.false(kernelCounter.parameters.safeParse({ on: 'r1', of: '-n', count: 0 }).success)
  t.false(kernelCounter.parameters.safeParse({ on: 'r1', of: 'Ip*', count: 0 }).success)
})
