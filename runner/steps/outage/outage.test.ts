import test from 'ava'
import { caseNames } from '../../lab/case-names.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../../testing/test-labs.ts'
import { valueIn } from '../actions/action.ts'
import { outage } from '../actions/outage.ts'
import { renderRequest } from './outage.ts'

const links = 'links: [{ endpoints: ["host:eth1", "peer:eth1"] }]'
const text = (outage: string, more = '') => withSteps(`  - { name: a, id: cut, outage: { ${outage} } }\n${more}`, links)
const cut = 'while: [{ link: { endpoint: "host:eth1", state: down } }]'
const stream = 'stream: { from: host, to: peer }'
const only = (outage: string) => mistakesOf(text(outage))

test('each thing that is claimed of an outage is a case of its own', (t) => {
  const lab = labOf(
    text(`${stream}, ${cut}, expect: { longest-gap: { at-most: 2s }, recovers: true, lost: { count: 0 } }`),
  )
  const [step] = lab.variants[0]?.steps ?? []
  t.deepEqual(step && caseNames(step), [
    'a: the longest gap is at most 2 s',
    'a: the stream recovers',
    'a: no datagram is lost',
  ])
  t.deepEqual(
    { ...(step && valueIn(step, outage)), while: [] },
    {
      from: 'host',
      to: '10.0.0.2',
      at: ['peer'],
      everyMs: 10,
      withinMs: 10_000,
      forMs: 1000,
      while: [],
    },
  )
})

test('a stream goes to an address that a node has, or is said to have', (t) => {
  const to = (words: string) => only(`stream: { from: host, to: ${words} }, ${cut}, expect: { recovers: true }`)
  t.deepEqual(to('10.0.0.2'), [])
  t.deepEqual(to('10.0.0.9, at: [host, peer]'), [])
  t.regex(to('10.0.0.9')[0] ?? '', /cannot tell who receives at 10.0.0.9: no node declares this address/)
  t.regex(to('host')[0] ?? '', /cannot send to "host": the lab gives no address for it/)
  t.regex(to('pear')[0] ?? '', /it is neither an IP address nor a node/)
  t.regex(to('10.0.0.9, at: pear')[0] ?? '', /cannot use "pear": no node has this name/)
})

test('a stream comes from a node, at a pace that can be kept', (t) => {
  const from = (words: string) => only(`stream: { from: ${words}, to: peer }, ${cut}, expect: { recovers: true }`)
  t.regex(from('hots')[0] ?? '', /cannot use "hots": no node has this name/)
  t.regex(from('host, every: 5s')[0] ?? '', /expected a time from 1ms to 1s/)
  t.regex(from('host, every: 10')[0] ?? '', /expected a duration/)
})

test('something happens while it flows, and something is claimed', (t) => {
  t.regex(only(`${stream}, while: [], expect: { recovers: true }`)[0] ?? '', /expected at least one event/)
  t.regex(only(`${stream}, while: [{ run: x }], expect: { recovers: true }`)[0] ?? '', /expected run and on together/)
  t.regex(
    only(`${stream}, while: [{ wait: 1s, run: x, on: host }], expect: { recovers: true }`)[0] ?? '',
    /expected one of/,
  )
  t.regex(
    only(`${stream}, while: [{ run: x, on: hots }], expect: { recovers: true }`)[0] ?? '',
    /no node has this name/,
  )
  t.regex(only(`${stream}, ${cut}, expect: {}`)[0] ?? '', /expected longest-gap, recovers/)
  t.regex(only(`${stream}, ${cut}, expect: { longest-gap: {} }`)[0] ?? '', /expected at-most or at-least/)
})

test('what is claimed while a stream flows is a case, named and checked as any other', (t) => {
  const claiming = (claim: string) =>
    `${stream}, while: [{ link: { endpoint: "host:eth1", state: down } }, { expect: [${claim}] }], expect: { recovers: true }`
  const lab = labOf(text(claiming('{ ping: { from: host, to: peer, is: unreachable } }')))
  const [step] = lab.variants[0]?.steps ?? []
  t.deepEqual(step && caseNames(step), ['a: host cannot reach peer', 'a: the stream recovers'])
  t.regex(only(claiming('{ ping: { from: hots, to: peer, is: unreachable } }'))[0] ?? '', /no node has this name/)
  t.regex(only(claiming(''))[0] ?? '', /expected at least one expectation/)
})

test('without its events an outage still claims what it claims meanwhile', (t) => {
  const events =
    'while: [{ link: { endpoint: "host:eth1", state: down } }, { expect: [{ ping: { from: host, to: peer, is: unreachable } }] }]'
  const mutations = 'mutations: [{ name: m, without: cut, caught-by: ["host cannot reach peer"] }]\n'
  const lab = labOf(`${text(`${stream}, ${events}, expect: { recovers: true }`)}${mutations}`)
  const [step] = lab.mutations[0]?.trials[0]?.variant.steps ?? []
  t.deepEqual(step && valueIn(step, outage)?.while, [{ kind: 'expect', at: 0 }])
})

test('a misspelt event of an outage is told with its place', (t) => {
  const [mistake] = diagnosticsOf(
    text(`${stream}, while: [{ link: { endpoint: "host:eht1", state: down } }], expect: { recovers: true }`),
  )
  t.is(mistake?.message, 'cannot do this at host:eht1: no link ends there')
  t.is(mistake?.nearest, 'host:eth1')
})

test('without its step, nothing happens, and all the same is claimed', (t) => {
  const lab = labOf(
    text(
      `${stream}, ${cut}, expect: { recovers: false }`,
      'mutations:\n  - { name: nobody cuts, without: cut, caught-by: [the stream does not recover] }\n',
    ),
  )
  const [trial] = lab.mutations[0]?.trials ?? []
  t.deepEqual(trial?.caughtBy, ['a: the stream does not recover'])
  const [step] = trial?.variant.steps ?? []
  t.deepEqual((step && valueIn(step, outage))?.while, [])
})

test('requests go to an address, and need nobody there who receives', (t) => {
  const read = (requests: string, claims = 'recovers: true') =>
    only(`requests: { from: host, ${requests} }, ${cut}, expect: { ${claims} }`)
  t.deepEqual(read('to: 10.0.0.9, http: /index.html, port: 8080'), [])
  t.deepEqual(read('to: peer, tcp: 22, every: 20ms'), [])
  t.regex(read('to: pear, tcp: 22')[0] ?? '', /it is neither an IP address nor a node/)
  t.regex(read('to: peer, tcp: 22, every: 5ms')[0] ?? '', /expected a time from 10ms to 1s/)
  t.regex(read('to: peer')[0] ?? '', /expected one of tcp, http, dns/)
  t.regex(read('to: peer, tcp: 22, http: /')[0] ?? '', /expected one of tcp, http, dns/)
  t.regex(read('to: peer, tcp: 22, port: 22')[0] ?? '', /expected no port beside tcp/)
  t.regex(read('to: peer, http: index.html')[0] ?? '', /expected a path/)
  t.regex(read('to: peer, dns: "a b"')[0] ?? '', /expected a name/)
  t.regex(read('to: peer, tcp: 22', 'duplicated: { count: 0 }')[0] ?? '', /a request has one answer/)
  t.regex(
    only(`${stream}, requests: { from: host, to: peer, tcp: 22 }, ${cut}, expect: { recovers: true }`)[0] ?? '',
    /expected one of stream, requests/,
  )
  t.regex(only(`${cut}, expect: { recovers: true }`)[0] ?? '', /expected one of stream, requests/)
})

test('what is claimed of requests is claimed of the service', (t) => {
  const claims = 'longest-gap: { at-most: 2s }, recovers: true, gaps: { count: 1 }, lost: { at-most: 3 }'
  const lab = labOf(text(`requests: { from: host, to: peer, dns: x.example }, ${cut}, expect: { ${claims} }`))
  const [step] = lab.variants[0]?.steps ?? []
  t.deepEqual(step && caseNames(step), [
    'a: the longest gap is at most 2 s',
    'a: the service recovers',
    'a: the service has 1 gap',
    'a: at most 3 requests are unanswered',
  ])
  t.like(step && valueIn(step, outage), {
    to: '10.0.0.2',
    at: [],
    everyMs: 100,
    request: { kind: 'dns', port: 53, wanted: 'x.example' },
  })
})

test('a request has its port in its words where that is not the usual one', (t) => {
  const words = (kind: 'tcp' | 'http' | 'dns', port: number, wanted: string) => renderRequest({ kind, port, wanted })
  t.is(words('tcp', 80, ''), 'TCP 80')
  t.deepEqual([words('http', 80, '/'), words('http', 8080, '/x')], ['HTTP /', 'HTTP :8080/x'])
  t.deepEqual([words('dns', 53, 'a.b'), words('dns', 5353, 'a.b')], ['DNS a.b', 'DNS a.b at port 5353'])
})
