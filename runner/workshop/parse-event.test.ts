import test from 'ava'
import { WirelabError } from '../errors.ts'
import type { LabEvent } from '../lab/lab-event.ts'
import { kindOfEvent } from '../steps/events/index.ts'
import { labWith } from '../testing/test-run.ts'
import { parseEvent } from './parse-event.ts'

const [variant] = labWith('  - { name: s, on: a, run: "true" }').variants
const parse = (words: string) => parseEvent(words, variant ?? { nodes: [], links: [] })
const endpoint = { node: 'a', nic: 'eth1' }

test('the words of a report are read as the event that they are of', (t) => {
  const events: readonly LabEvent[] = [
    { kind: 'link', endpoint, state: 'down', direction: 'both' },
    { kind: 'link', endpoint, state: 'silent', direction: 'in' },
    { kind: 'machine', node: 'b', state: 'crashed' },
    { kind: 'nic', endpoint, state: 'unplugged' },
    { kind: 'impair', endpoint, impairment: { delayMs: 10, jitterMs: 2, lossPercent: 0.5, rate: '10mbit' } },
    { kind: 'impair', endpoint, impairment: {} },
  ]
  for (const event of events) t.deepEqual(parse(kindOfEvent(event).render(event)), event)
})

test('the words of a lab file are read, too', (t) => {
  t.deepEqual(parse(' link  a:eth1 silent out '), { kind: 'link', endpoint, state: 'silent', direction: 'out' })
  t.deepEqual(parse('impair a:eth1 loss 1%'), { kind: 'impair', endpoint, impairment: { lossPercent: 1 } })
})

for (const [words, message, remedy] of [
  ['lnik a:eth1 down', 'cannot make "lnik" happen: no event begins with this word', /did you mean "link"\?/],
  ['', 'cannot make "" happen: no event begins with this word', /write link NODE:NIC/],
  ['constructor a', 'cannot make "constructor" happen: no event begins with this word', /write link/],
  ['link a:eth1 dwon', /cannot do "link a:eth1 dwon": .*dwon/, /did you mean "down"\?/],
  ['link a:eth1', /cannot do without "state"/, /write link NODE:NIC down\|silent\|up/],
  ['link a:eth1 down in', /expected state: silent beside direction/, /write link/],
  ['link a:eth1 silent in out', /key "out": it means nothing here/, /write link/],
  ['link a:eth9 down', /no link ends there/, /did you mean "a:eth1"\?/],
  ['machine c crashed', /no node has this name/, /the machines are a, b/],
  ['impair a:eth1 delay 10', /expected a time such as 10ms/, /write impair/],
] as const)
  test(`"${words}" is one clear mistake`, (t) => {
    const error = t.throws(() => parse(words), { instanceOf: WirelabError, message })
    t.is(error.kind, 'usage')
    t.regex(error.remedy ?? '', remedy)
  })
