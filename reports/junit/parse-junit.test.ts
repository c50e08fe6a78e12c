import test from 'ava'
import { drawJunit } from '../fixtures/draw.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { summarise } from '../run/summary.ts'
import { parseJunit } from './parse-junit.ts'

for (const name of [
  'passed',
  'outcomes',
  'every-outcome',
  'interleaved',
  'killed',
  'mutations',
  'mutants',
  'macvlan',
  'outage',
]) {
  for (const reader of [undefined, 'jenkins', 'gitlab', 'github'] as const) {
    test(`the verdicts of the ${name} run are read from its report for ${reader ?? 'nobody in particular'}`, (t) => {
      const { scopes, started } = summarise(fixtureEvents(name))
      const xml = drawJunit(fixtureEvents(name), reader === undefined ? {} : { reader })
      const read = parseJunit(xml)
      t.is(read.made['provider'], started?.surroundings.provider)
      t.deepEqual(
        read.scopes.map(({ scope, cases }) => [scope, cases.map(({ outcome }) => outcome)]),
        scopes.map(({ scope, cases }) => [scope, cases.map(({ outcome }) => outcome)]),
      )
      t.deepEqual(
        read.scopes.flatMap(({ cases }) => cases.map(({ message }) => message)),
        scopes.flatMap(({ cases }) => cases.map(({ message }) => message)),
      )
    })
  }
}

test('a report of another tool is refused', (t) => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
  const refusal = (xml: string) => t.throws(() => parseJunit(`${head}${xml}\n`))?.message
  t.is(refusal('<testsuite/>'), 'it has an element testsuite where a testsuites belongs')
  t.is(refusal('<testsuites><testsuite/></testsuites>'), 'it has an element testsuite without name')
  const inCase = (xml: string) =>
    `<testsuites><testsuite name="s"><testcase name="c">${xml}</testcase></testsuite></testsuites>`
  t.is(refusal(inCase('<rerunFailure/>')), 'it has an element rerunFailure in a testcase')
  t.is(refusal(inCase('<failure/>')), 'it has an element failure without message')
})
