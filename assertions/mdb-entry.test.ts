import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { mdbEntry } from './mdb-entry.ts'

const world = { addresses: {} }
const parse = (wanted: object = {}) => mdbEntry.parameters.parse({ bridge: 'snoop:br0', group: '239.1.1.1', ...wanted })
const judge = (wanted: object, ...recordings: readonly string[]) =>
  mdbEntry.judge(
    parse(wanted),
    recordings.map((recording) => recorded(recording)),
    world,
  )

test('a group was learned behind a port', (t) => {
  t.deepEqual(judge({ behind: 'port1' }, 'mdb/entries'), {
    verdict: 'passed',
    found: 'snoop:br0 has port1 (learned) for group 239.1.1.1',
  })
  for (const wanted of [{ behind: 'port2' }, { is: 'static' }, { is: 'absent' }, { vlan: 5 }, { group: '239.9.9.9' }])
    t.is(judge(wanted, 'mdb/entries').verdict, 'failed', JSON.stringify(wanted))
})

test('a group was set by hand, by IPv4 and IPv6', (t) => {
  for (const group of ['239.2.2.2', 'ff0e:0::2']) {
    t.is(judge({ group, behind: 'port2', is: 'static' }, 'mdb/entries').verdict, 'passed')
    t.is(judge({ group }, 'mdb/entries').verdict, 'failed')
  }
})

test('a group that is not in the database is absent, from a bridge and its port', (t) => {
  t.is(judge({ is: 'absent' }, 'mdb/none', 'mdb/link').verdict, 'passed')
  t.is(judge({ is: 'absent', behind: 'port1', group: '239.2.2.2' }, 'mdb/entries', 'mdb/link').verdict, 'passed')
  t.deepEqual(judge({}, 'mdb/none'), { verdict: 'failed', found: 'snoop:br0 does not know group 239.1.1.1' })
})

test('what is no bridge or not there, and an answer without a database, tell nothing of absence', (t) => {
  t.is(judge({ is: 'absent' }, 'mdb/none', 'mdb/link-no-bridge').verdict, 'inconclusive')
  t.is(judge({ is: 'absent' }, 'mdb/no-bridge', 'mdb/link').verdict, 'inconclusive')
  t.is(judge({}, 'mdb/no-bridge').verdict, 'failed')
  t.is(judge({ is: 'absent', behind: 'eth9' }, 'mdb/entries', 'mdb/link', 'link/absent').verdict, 'inconclusive')
  for (const stdout of ['', '[]', '[{}]', '[{"other":[]}]']) {
    const answers = [{ exitCode: 0, stdout, stderr: '', timedOut: false }, recorded('mdb/link')]
    t.is(mdbEntry.judge(parse({ is: 'absent' }), answers, world).verdict, 'inconclusive', stdout)
  }
  t.is(judge({ is: 'absent' }, 'common/no-tool-in-namespace').verdict, 'inconclusive')
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(mdbEntry.claim(parse({ behind: 'port1' })), 'snoop:br0 has learned group 239.1.1.1 behind port1')
  t.is(mdbEntry.claim(parse({ is: 'absent' })), 'snoop:br0 does not know group 239.1.1.1')
  asks(
    t,
    mdbEntry,
    { bridge: 's:br0', group: '239.1.1.1' },
    {
      'Behind which port will s:br0 know group 239.1.1.1, if at all?': [{}, { behind: 'port1' }, { is: 'absent' }],
    },
  )
})
