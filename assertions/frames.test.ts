import test from 'ava'
import type { Answer } from './assertion.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { frames } from './frames.ts'

const world = { addresses: {} }
const twoPings = { ...recorded('frames/icmp'), frames: 4 }

const judge = (wanted: object, answer: Answer = twoPings) =>
  frames.judge(frames.parameters.parse({ in: 'cable', filter: 'icmp', ...wanted }), [answer], world)
const verdict = (wanted: object, answer?: Answer) => judge(wanted, answer).verdict

test('frames are counted, whatever was printed of them', (t) => {
  t.is(verdict({ count: 4 }), 'passed')
  t.is(verdict({ count: 3 }), 'failed')
  t.is(verdict({ 'at-least': 4 }), 'passed')
  t.is(verdict({ 'at-least': 5 }), 'failed')
  t.is(verdict({ 'at-most': 4 }), 'passed')
  t.is(verdict({ 'at-least': 1, 'at-most': 3 }), 'failed')
  const vxlan = { ...recorded('frames/vxlan'), frames: 1 }
  t.is(verdict({ count: 1 }, vxlan), 'passed')
  t.regex(judge({ count: 1 }, vxlan).found, /holds 1 frame of "icmp", the first: 1795427315\.066378 /)
})

test('a capture without such frames holds none', (t) => {
  const none = { ...recorded('frames/none'), frames: 0 }
  t.is(verdict({ count: 0 }, none), 'passed')
  t.is(verdict({ 'at-least': 1 }, none), 'failed')
})

test('what was not counted is no number', (t) => {
  t.is(verdict({ count: 0 }, recorded('frames/none')), 'inconclusive')
})

test('of a capture that lost frames nothing can be told, and how many it lost', (t) => {
  for (const wanted of [{ count: 4 }, { 'at-least': 1 }, { 'at-most': 3 }, { count: 0 }]) {
    t.is(verdict(wanted, { ...twoPings, dropped: 7 }), 'inconclusive')
  }
  t.regex(judge({ count: 4 }, { ...twoPings, dropped: 7 }).found, /4 frames .*lost 7 frames/)
})

test('a capture that is not there, or not whole, says why', (t) => {
  const gone = { exitCode: -1, stdout: '', stderr: 'it has not begun: a:eth1 is not up', timedOut: false }
  t.deepEqual(judge({ count: 0 }, gone), {
    verdict: 'inconclusive',
    found: 'cable could not be read: it has not begun: a:eth1 is not up',
  })
})

test("tcpdump's complaint leaves the count open", (t) => {
  const wanted = frames.parameters.parse({ in: 'cable', filter: 'nonsense here', count: 0 })
  const judgement = frames.judge(wanted, [recorded('frames/bad-filter')], world)
  t.is(judgement.verdict, 'inconclusive')
  t.regex(judgement.found, /syntax error/)
})

test('only a growing count is waited for', (t) => {
  const within = (wanted: object) =>
    frames.defaultWithinMs(frames.parameters.parse({ in: 'cable', filter: 'icmp', ...wanted }))
  t.is(within({ 'at-least': 1 }), 5000)
  t.is(within({ 'at-least': 1, 'at-most': 2 }), 0)
  t.is(within({ count: 0 }), 0)
})

test('the capture is asked and referred to by its name', (t) => {
  const wanted = frames.parameters.parse({ in: 'cable', filter: 'icmp', count: 0 })
  t.deepEqual(frames.probe(wanted, world), [
    { kind: 'capture', capture: 'cable', filter: 'icmp' },
    { kind: 'capture', capture: 'cable', filter: '' },
  ])
  t.deepEqual(frames.references(wanted), [{ kind: 'capture', name: 'cable', path: ['in'] }])
  t.is(frames.claim(wanted), 'cable holds no frame of "icmp"')
})

test('a claim needs one bound, and no filter is an option', (t) => {
  for (const wrong of [{}, { count: 1, 'at-least': 1 }, { 'at-least': 3, 'at-most': 2 }, { count: -1 }]) {
    t.false(frames.parameters.safeParse({ in: 'cable', filter: 'icmp', ...wrong }).success)
  }
  t.false(frames.parameters.safeParse({ in: 'cable', filter: '-w /etc/passwd', count: 1 }).success)
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    frames,
    { in: 'at-bob', filter: 'arp' },
    {
      'How many frames that match "arp" will the capture at-bob hold?': [{ count: 0 }, { count: 1 }, { 'at-least': 1 }],
    },
  )
})

test('a capture that holds nothing at all proves no absence', (t) => {
  const none = { ...recorded('frames/none'), frames: 0 }
  const judge = (wanted: object, all: Answer) =>
    frames.judge(frames.parameters.parse({ in: 'cable', filter: 'tcp', ...wanted }), [none, all], world).verdict
  t.is(judge({ count: 0 }, none), 'inconclusive')
  t.is(judge({ 'at-most': 5 }, none), 'inconclusive')
  t.is(judge({ count: 0 }, twoPings), 'passed')
  t.is(judge({ count: 0 }, recorded('frames/bad-filter')), 'inconclusive')
})

test('of a capture that ended for want of room only what more frames could not change is told', (t) => {
  const cut = { ...twoPings, cut: true }
  t.is(verdict({ 'at-least': 1 }, cut), 'passed')
  t.is(verdict({ 'at-most': 3 }, cut), 'failed')
  for (const wanted of [{ count: 4 }, { count: 5 }, { 'at-most': 4 }, { 'at-least': 5 }])
    t.is(verdict(wanted, cut), 'inconclusive')
  t.regex(judge({ count: 4 }, cut).found, /it ended when there was no room for more/)
})
