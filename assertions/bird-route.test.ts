import test from 'ava'
import { birdRoute } from './bird-route.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const parse = (wanted: object) => birdRoute.parameters.parse({ on: 'r1', to: '10.0.2.0/24', ...wanted })
const judge = (wanted: object, recording: string) =>
  birdRoute.judge(parse(wanted), [recorded(`bird/${recording}`)], world)

test('the route that BIRD chose counts, and no other', (t) => {
  t.deepEqual(judge({ via: '10.0.1.2', dev: 'eth1', protocol: 'core' }, 'route'), {
    verdict: 'passed',
    found: 'BIRD on r1 has a route to 10.0.2.0/24 via 10.0.1.2 dev eth1 from core',
  })
  t.is(judge({ protocol: 'twice' }, 'route').verdict, 'failed')
  t.is(judge({ via: '10.0.1.3' }, 'route').verdict, 'failed')
  t.is(judge({ dev: 'eth2' }, 'route').verdict, 'failed')
})

test('no route is an answer too', (t) => {
  t.is(judge({}, 'no-route').verdict, 'failed')
  t.is(judge({ is: 'absent' }, 'no-route').verdict, 'passed')
  t.is(judge({ is: 'absent' }, 'route').verdict, 'failed')
})

test('no route by an interface that is not there tells nothing', (t) => {
  const wanted = parse({ dev: 'eht1', is: 'absent' })
  t.is(birdRoute.judge(wanted, [recorded('bird/route'), recorded('link/absent')], world).verdict, 'inconclusive')
})

test('a BIRD that does not answer, or not about routes, tells nothing', (t) => {
  t.is(judge({ is: 'absent' }, 'not-running').verdict, 'inconclusive')
  t.is(judge({ is: 'absent' }, 'protocol-unknown').verdict, 'inconclusive')
})

test('the question names the prefix and the table, and all tables when no table is named', (t) => {
  t.like(birdRoute.probe(parse({}), world)[0], {
    argv: ['birdc', '-r', 'show', 'route', '10.0.2.0/24', 'table', 'all'],
  })
  t.like(birdRoute.probe(parse({ table: 'blue' }), world)[0], {
    argv: ['birdc', '-r', 'show', 'route', '10.0.2.0/24', 'table', 'blue'],
  })
  t.is(birdRoute.claim(parse({ via: '10.0.1.2' })), 'BIRD on r1 has a route to 10.0.2.0/24 via 10.0.1.2')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    birdRoute,
    { on: 'r2', to: '10.0.4.0/24' },
    {
      'Which route to 10.0.4.0/24 will BIRD on r2 have, if any?': [
        {},
        { is: 'absent' },
        { via: '10.0.1.2', dev: 'eth1', protocol: 'core' },
        { via: '10.0.1.2', is: 'absent' },
      ],
      'Which route to 10.0.4.0/24 will BIRD on r2 have in table blue, if any?': [
        { table: 'blue' },
        { table: 'blue', is: 'absent' },
      ],
    },
  )
})
