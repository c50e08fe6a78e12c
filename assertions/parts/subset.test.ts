import test from 'ava'
import { differences, holds, renderDifferences, renderSubset, renderWithNeighbours } from './subset.ts'

test('an object holds its members, whatever stands beside them', (t) => {
  t.true(holds({ a: 1 }, { a: 1, b: 2 }))
  t.true(holds({ a: { b: 'x' } }, { a: { b: 'x', c: 'y' } }))
  t.false(holds({ a: 1 }, { a: 2 }))
  t.false(holds({ a: 1 }, {}))
  t.true(holds({}, { a: 1 }))
})

test('an array holds elements in any order', (t) => {
  t.true(holds(['UP'], ['BROADCAST', 'UP']))
  t.true(holds([{ id: 2 }], [{ id: 1 }, { id: 2, up: true }]))
  t.false(holds(['UP'], ['DOWN']))
  t.false(holds(['UP'], 'UP'))
  t.false(holds([null], [undefined]))
})

test('values of different types differ', (t) => {
  t.false(holds(1, '1'))
  t.false(holds({}, []))
  t.false(holds({}, null))
  t.true(holds(null, null))
})

test('an inherited member is no member', (t) => {
  t.false(holds({ toString: 'x' }, {}))
  t.is(differences({ constructor: {} }, {}).length, 1)
})

test('each difference is named with its place', (t) => {
  t.is(
    renderDifferences(differences({ mtu: 1450, info: { mode: 'vepa' }, flags: ['UP'] }, { mtu: 1500, flags: [] })),
    'mtu is 1500, not 1450; info is missing, not {"mode":"vepa"}; flags [] lacks "UP"',
  )
})

test('what is wanted reads as a list', (t) => {
  t.is(renderSubset({ mtu: 1450, info: { mode: 'vepa' } }), 'mtu 1450, info.mode "vepa"')
})

test('a difference is shown with what stands beside it, and deep in the element that holds most of what is wanted', (t) => {
  const found = [
    { ifname: 'lo', mtu: 65536 },
    { link: {}, ifname: 'eth1', info: { mode: 'bridge', flags: 'none' } },
  ]
  const show = (wanted: unknown) => renderWithNeighbours(differences(wanted, found))
  t.is(show([{ ifname: 'lo', mtu: 1500 }]), '[0].mtu is 65536, not 1500, beside "ifname":"lo"')
  t.is(
    show([{ ifname: 'eth1', info: { mode: 'vepa' } }]),
    '[1].info.mode is "bridge", not "vepa", beside "flags":"none"',
  )
  t.is(
    show([{ ifname: 'eth1', mtu: 1500 }]),
    '[1].mtu is missing, not 1500, beside "ifname":"eth1","link":{},"info":{"mode":"bridge","flags":"none"}',
  )
  t.regex(show([{ ifname: 'eth9', mtu: 1 }]), /^the value \[.* lacks \{"ifname":"eth9","mtu":1\}$/)
  t.is(show(['x']).endsWith(' lacks "x"'), true)
  t.is(renderWithNeighbours(differences({ a: 1 }, { a: 2 })), 'a is 2, not 1')
})
