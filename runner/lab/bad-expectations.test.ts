import test from 'ava'
import { diagnosticsOf, mistakesOf, withSteps } from '../testing/test-labs.ts'

const mistakes = (item: string) => mistakesOf(withSteps(`  - name: a\n    expect:\n      - ${item}\n`))
const first = (item: string) => diagnosticsOf(withSteps(`  - name: a\n    expect:\n      - ${item}\n`))[0]

test('a misspelt assertion is told with the nearest', (t) => {
  const mistake = first('pnig: { from: host, to: peer, is: reachable }')
  t.is(mistake?.message, 'cannot find assertion "pnig"')
  t.is(mistake?.nearest, 'ping')
  t.regex(String(mistake?.hint), /expected one of ping, reachability, frames, output/)
})

test('an expectation is one assertion', (t) => {
  t.regex(mistakes('name: x')[0] ?? '', /without an assertion/)
  t.regex(mistakes('ping')[0] ?? '', /expected an assertion with its parameters/)
  t.regex(
    mistakes('{ ping: { from: host, to: peer, is: reachable }, frames: { in: a, count: 1 } }')[0] ?? '',
    /cannot use "frames" beside "ping"/,
  )
})

test('what every object has is no assertion', (t) => {
  t.regex(mistakes('constructor: {}')[0] ?? '', /cannot find assertion "constructor"/)
})

test('parameters are checked by the assertion, wherever they stand', (t) => {
  const mistake = first('ping: { from: host, to: peer, is: rechable }')
  t.is(mistake?.message, 'cannot use "rechable" as is: expected reachable or unreachable')
  t.is(mistake?.nearest, 'reachable')
  t.deepEqual(mistakes('ping: { from: host, too: peer, is: reachable, size: big }'), [
    '10:29 cannot use key "too": it means nothing here',
    '10:61 cannot use "big" as size: expected a number',
  ])
  t.deepEqual(mistakes('reachability: { host: { peer: yes } }'), [
    '10:39 cannot use "yes" as peer: expected reachable or unreachable',
  ])
})

test('times are durations among the parameters', (t) => {
  t.regex(
    mistakes('ping: { from: host, to: peer, is: reachable, within: 5 }')[0] ?? '',
    /number 5 as within: expected a duration/,
  )
  t.regex(
    mistakes('{ ping: { from: host, to: peer, is: reachable }, within: 5s }')[0] ?? '',
    /it stands among the parameters/,
  )
})

test('nodes of an expectation exist', (t) => {
  const mistake = first('ping: { from: hots, to: peer, is: reachable }')
  t.is(mistake?.message, 'cannot judge "hots": no node has this name')
  t.is(mistake?.nearest, 'host')
  t.deepEqual(mistakes('reachability: { hots: { peer: reachable } }'), [
    '10:25 cannot judge "hots": no node has this name',
  ])
})

test('a node that is reached by its name has an address', (t) => {
  const mistake = first('ping: { from: peer, to: host, is: reachable }')
  t.is(mistake?.message, 'cannot reach "host": the lab gives no address for it')
  t.is(mistake?.hint, 'add address: to node host')
})

test('frames are those of a capture of the same step or an earlier one', (t) => {
  const text = withSteps(
    '  - { name: a, expect: [{ frames: { in: cable, count: 1 } }] }\n  - { name: b, on: host, run: x, capture: { cable: "host:eth1" }, expect: [{ frames: { in: cabel, count: 1 } }] }\n  - { name: c, expect: [{ frames: { in: cable, count: 1 } }] }',
  )
  const [early, misspelt, ...rest] = diagnosticsOf(text)
  t.is(early?.message, 'cannot count frames of capture "cable": neither this step nor one before it has it')
  t.is(early?.hint, 'nothing is captured up to here')
  t.is(misspelt?.nearest, 'cable')
  t.is(rest.length, 0)
})

test('a process that no step up to the expectation starts cannot be asked', (t) => {
  t.regex(
    mistakes('output: { on: agent, command: x, prints: y }')[0] ?? '',
    /neither this step nor one before it starts it/,
  )
})

test('the mistakes of a step do not hide those of its expectations', (t) => {
  t.deepEqual(mistakesOf(withSteps('  - { name: a, foo: 1, expect: [{ pnig: {} }] }')), [
    '8:16 cannot use key "foo": it means nothing here',
    '8:35 cannot find assertion "pnig"',
  ])
})
