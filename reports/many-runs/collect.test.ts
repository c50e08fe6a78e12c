import test from 'ava'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { summarise } from '../run/summary.ts'
import { renderClass } from './collect.ts'

test('each of a class has a row by the name of the folder, and each lab a column', (t) => {
  const table = renderClass([
    { folder: 'class/anna', summary: summarise(fixtureEvents('passed')) },
    { folder: 'class/ben/', summary: summarise(fixtureEvents('every-outcome')) },
    { folder: 'class/eve', summary: 'cannot read it' },
  ])
  t.is(
    table,
    [
      '| who | bridge-veth | trouble |  |',
      '| --- | --- | --- | --- |',
      '| `anna` | ✓ 1/1 | – |  |',
      '| `ben` | ✗ 0/1 | ✗ 0/2 |  |',
      '| `eve` | – | – | cannot read it |',
      '',
    ].join('\n'),
  )
})

test('folders of one name are told apart by their paths', (t) => {
  const summary = summarise(fixtureEvents('passed'))
  const table = renderClass(['anna/latest', 'ben/latest'].map((folder) => ({ folder, summary })))
  t.true(table.includes('`anna/latest`') && table.includes('`ben/latest`'))
})
