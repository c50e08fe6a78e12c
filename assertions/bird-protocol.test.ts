import test from 'ava'
import { birdProtocol } from './bird-protocol.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const parse = (wanted: object) => birdProtocol.parameters.parse({ on: 'r1', protocol: 'core', ...wanted })
const judge = (wanted: object, recording: string) =>
  birdProtocol.judge(parse(wanted), [recorded(`bird/${recording}`)], world)

test('a protocol is up, starting or down', (t) => {
  t.deepEqual(judge({}, 'protocol-up'), { verdict: 'passed', found: "BIRD's core on r1 is up, Running" })
  t.is(judge({ info: 'Running' }, 'protocol-up').verdict, 'passed')
  t.is(judge({ info: 'Established' }, 'protocol-up').verdict, 'failed')
  t.is(judge({ is: 'down' }, 'protocol-up').verdict, 'failed')
  t.is(judge({ protocol: 'lost', is: 'down' }, 'protocol-down').verdict, 'passed')
  t.is(judge({ protocol: 'upstream', is: 'start', info: 'Active' }, 'protocol-starting').verdict, 'passed')
})

test('a protocol that is not configured is in no state', (t) => {
  t.is(judge({ protocol: 'nosuch' }, 'protocol-unknown').verdict, 'failed')
  t.is(judge({ protocol: 'nosuch', is: 'down' }, 'protocol-unknown').verdict, 'failed')
})

test('a BIRD that does not answer tells nothing', (t) => {
  t.is(judge({ is: 'down' }, 'not-running').verdict, 'inconclusive')
  t.is(birdProtocol.judge(parse({}), [recorded('ping/no-namespace')], world).verdict, 'inconclusive')
})

test('BIRD is asked without the right to change it, by its own socket if need be', (t) => {
  t.like(birdProtocol.probe(parse({ socket: '/run/r1.ctl' }), world)[0], {
    argv: ['birdc', '-r', '-s', '/run/r1.ctl', 'show', 'protocols', 'core'],
  })
  t.is(birdProtocol.claim(parse({ info: 'Running' })), "BIRD's core on r1 is up, Running")
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    birdProtocol,
    { on: 'r1', protocol: 'r2' },
    {
      "In which state will BIRD's r2 on r1 be?": [{}, { is: 'start' }, { is: 'down' }, { info: 'Established' }],
    },
  )
})
