import test from 'ava'
import type { RunEvent } from '../runner/events.ts'
import { fixtureEvents } from './fixtures/fixture.ts'
import { hostileEvents, hostileOutputs } from './fixtures/hostile.ts'
import { renderAnnotations, renderStepSummary } from './github.ts'
import { type ScopeSummary, summarise } from './run/summary.ts'

const same = (file: string) => file

test("a failed case is marked at its line of the lab's file", (t) => {
  const text = renderAnnotations(summarise(fixtureEvents('every-outcome')), same)
  t.regex(
    text,
    /^::error file=\/home\/student\/wirelab\/labs\/bridge-veth.yaml,line=26,title=bridge-veth\/default%3A The container is connected%3A ping::wanted: host reaches/,
  )
})

test('a failure is told before any error, however many come before it', (t) => {
  const events = fixtureEvents('every-outcome')
  const [broken] = events.filter((event) => event.type === 'case-finished' && event.outcome === 'error')
  const more = Array.from({ length: 40 }, (_, n) => ({ ...broken, scope: 'a/busy', case: `busy ${n}` }) as RunEvent)
  const summary = summarise([...more, ...events])
  t.regex(renderAnnotations(summary, same), /^::error [^\n]*The container is connected/)
  t.regex(renderStepSummary(summary), /^- ❌ \*\*bridge-veth/m)
})

test('a case of a file outside of the repository is told without a place', (t) => {
  const text = renderAnnotations(summarise(fixtureEvents('every-outcome')), () => undefined)
  t.regex(text, /^::error title=/)
})

test('nothing is marked when all passed', (t) => {
  t.is(renderAnnotations(summarise(fixtureEvents('passed')), same), '')
})

for (const [what, output] of Object.entries({
  ...hostileOutputs,
  'a command': 'x\n::error::fake\n%0A::stop-commands::x',
})) {
  test(`a machine that prints ${what} makes no command and no long summary`, (t) => {
    const summary = summarise(hostileEvents(output))
    for (const line of renderAnnotations(summary, same).trimEnd().split('\n')) t.regex(line, /^::error (file|title)=/)
    t.true(renderStepSummary(summary).length <= 200_000)
  })
}

test('the summary of a job has a row for each lab and a line for what is wrong', (t) => {
  const text = renderStepSummary(summarise(fixtureEvents('every-outcome')))
  t.regex(text, /\| ❌ \| bridge-veth\/default \| 1 \| 2 \| 0 \| 0 \| 9.\d+ s \|/)
  t.regex(text, /- ❌ \*\*bridge-veth\/default\*\*: The container is connected: ping/)
})

test('the summary begins with what is wrong, however many scopes passed before it, and GitHub takes all of it', (t) => {
  const summary = summarise(fixtureEvents('every-outcome'))
  const [passed] = summarise(fixtureEvents('passed')).scopes
  const wide = '漢'.repeat(3000)
  const many = Array.from({ length: 10_000 }, (_, at) => ({ ...passed, scope: `${at} ${wide}` }) as ScopeSummary)
  const text = renderStepSummary({ ...summary, scopes: [...many, ...summary.scopes] })
  t.true(Buffer.byteLength(text) < 2 ** 20)
  const [place, table] = [text.indexOf('- ❌ **bridge-veth/default**'), text.indexOf('| | lab |')]
  t.true(place > 0 && place < table)
  t.regex(text.slice(table), /^.*\n.*\n\| ❌ \| bridge-veth\/default \|/)
  t.regex(text, /\| and \d+ more \|/)
  const untold = {
    ...summary,
    scopes: many.map((one) => ({ ...one, cases: summary.scopes.flatMap(({ cases }) => cases) })),
  }
  t.regex(renderStepSummary(untold), /\n- and \d+ cases more\n/)
})
