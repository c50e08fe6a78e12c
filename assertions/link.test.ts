import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { link } from './link.ts'

const world = { addresses: {} }
const judge = (wanted: object, recording: string) =>
  link.judge(link.parameters.parse({ on: 'host:veth0', ...wanted }), [recorded(recording)], world)

test('an interface has what ip tells of it, at any depth', (t) => {
  t.deepEqual(judge({ has: { master: 'bridge0', flags: ['UP'], linkinfo: { info_kind: 'veth' } } }, 'link/veth-port'), {
    verdict: 'passed',
    found: 'host:veth0: master "bridge0", flags ["UP"], linkinfo.info_kind "veth"',
  })
  t.deepEqual(judge({ has: { mtu: 1450, linkinfo: { info_slave_data: { hairpin: true } } } }, 'link/veth-port'), {
    verdict: 'failed',
    found: 'host:veth0: mtu is 1500, not 1450; linkinfo.info_slave_data.hairpin is false, not true',
  })
})

test('an interface is present or absent', (t) => {
  t.is(judge({}, 'link/bridge').verdict, 'passed')
  t.is(judge({}, 'link/absent').verdict, 'failed')
  t.is(judge({ has: { mtu: 1500 } }, 'link/absent').verdict, 'failed')
  t.is(judge({ is: 'absent' }, 'link/absent').verdict, 'passed')
  t.is(judge({ is: 'absent' }, 'link/bridge').verdict, 'failed')
})

test('a node that is not there tells neither', (t) => {
  t.is(judge({}, 'ping/no-namespace').verdict, 'inconclusive')
  t.is(judge({ is: 'absent' }, 'ping/no-namespace').verdict, 'inconclusive')
  t.is(judge({ is: 'absent' }, 'common/no-tool-in-namespace').verdict, 'inconclusive')
})

test('a claim reads as a sentence', (t) => {
  const claim = (wanted: object) => link.claim(link.parameters.parse({ on: 'host:veth0', ...wanted }))
  t.is(claim({}), 'host:veth0 is present')
  t.is(claim({ is: 'absent' }), 'host:veth0 is absent')
  t.is(claim({ has: { mtu: 1450 } }), 'host:veth0 has mtu 1450')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    link,
    { on: 'c1:eth0' },
    {
      'Will there be an interface c1:eth0?': [{}, { is: 'absent' }],
      'What will c1:eth0 show as operstate, mtu and linkinfo.info_data.mode?': [
        { has: { operstate: 'UP', mtu: 1500, linkinfo: { info_data: { mode: 'vepa' } } } },
        { has: { operstate: 'DOWN', mtu: 1450, linkinfo: { info_data: { mode: 'bridge' } } } },
      ],
      'What will c1:eth0 show as flags?': [{ has: { flags: ['LOOPBACK', 'UP'] } }],
      'What will c1:eth0 show as linkinfo?': [{ has: { linkinfo: {} } }],
    },
  )
})

test('what is absent has nothing', (t) => {
  t.false(link.parameters.safeParse({ on: 'host:veth0', is: 'absent', has: { mtu: 1500 } }).success)
  t.false(link.parameters.safeParse({ on: 'host:veth0', has: {} }).success)
})
