import test from 'ava'
import { labWith } from '../../testing/test-run.ts'
import { actions, announce, eventsOf } from './index.ts'

test('each action has its own key among the keys that it reads, and explains all of them', (t) => {
  const keys = actions.flatMap((action) => Object.keys(action.keys))
  t.deepEqual(keys.toSorted(), [...new Set(keys)].toSorted())
  for (const action of actions) {
    t.true(action.key in action.keys)
    for (const [key, schema] of Object.entries(action.keys)) t.truthy(schema.description, key)
  }
})

test('actions are done in the order of the table, however a lab writes them', (t) => {
  const [step] = labWith(
    '  - { name: s, stop: p, events: [{ link: { endpoint: "a:eth1", state: up } }], run: x, start: { id: p, run: y }, on: a }',
  ).variants.flatMap(({ steps }) => steps)
  t.deepEqual(
    step?.actions.map(({ key }) => key),
    ['start', 'run', 'events', 'stop'],
  )
})

test('a step announces its script, and the events of all its actions in order', (t) => {
  const [step] = labWith(`  - name: s
    on: a
    run: x
    events: [{ link: { endpoint: "a:eth1", state: up } }]
    outage:
      stream: { from: a, to: b }
      while: [{ wait: 1s }, { machine: { node: b, state: frozen } }, { run: z, on: a }]
      expect: { recovers: true }`).variants.flatMap(({ steps }) => steps)
  if (step === undefined) return t.fail()
  t.is(eventsOf(step).length, 2)
  const { script, events } = announce(step)
  t.is(script, 'x')
  t.deepEqual(
    events?.map(({ words }) => words),
    ['link a:eth1 up', 'machine b frozen'],
  )
})
