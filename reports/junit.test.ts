import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { RunEvent } from '../runner/events.ts'
import { golden, readEvents } from './fixtures/fixture.ts'
import { hostileEvents, hostileOutputs } from './fixtures/hostile.ts'
import { renderJunit } from './junit.ts'

const schema = fileURLToPath(new URL('fixtures/junit.xsd', import.meta.url))

/** What xmllint has against a document; empty when nothing. */
const lint = (xml: string, ...options: string[]) => {
  const { error, status, stderr } = spawnSync('xmllint', ['--noout', ...options, '-'], { input: xml, encoding: 'utf8' })
  if (error !== undefined) throw error
  return status === 0 ? '' : stderr
}

const names = (xml: string) => [...xml.matchAll(/<testcase (name="[^"]*" classname="[^"]*")/g)].map(([, name]) => name)

for (const name of ['passed', 'every-outcome', 'interleaved', 'killed', 'mutations']) {
  test(`the ${name} run becomes the expected report, valid against the schema`, (t) => {
    const xml = renderJunit(readEvents(name))
    t.is(xml, golden(`${name}.xml`, xml))
    t.is(lint(xml, '--schema', schema), '')
    t.is(new Set(names(xml)).size, names(xml).length)
  })
}

for (const [what, text] of Object.entries(hostileOutputs)) {
  test(`a machine that prints ${what} cannot break the report`, (t) => {
    const xml = renderJunit(hostileEvents(text))
    t.is(lint(xml, '--schema', schema), '')
    t.true(xml.length < 3_000_000, `${xml.length} characters`)
    t.notRegex(xml, /(?![\t\n])\p{Cc}/u)
  })
}

test('a long text loses its middle and says so', (t) => {
  const xml = renderJunit(hostileEvents(`begin${'x'.repeat(500_000)}end`))
  t.regex(xml, /characters left out/)
  t.regex(xml, /end<\/failure>/)
})

test('places stand on cases only when asked for', (t) => {
  const events = readEvents('every-outcome')
  t.notRegex(renderJunit(events), /<testcase [^>]*file=/)
  const extended = renderJunit(events, { extended: true })
  t.regex(extended, /<testcase name="Who reaches whom" [^>]* file="labs\/macvlan-modes\/lab.yaml" line="61"/)
  t.regex(extended, /<testsuites [^>]*skipped="2"/)
  t.is(lint(extended), '')
})

test('attachments are named from where the reader stands', (t) => {
  const xml = renderJunit(readEvents('every-outcome'), { attachmentsBelow: 'results/latest/' })
  t.regex(xml, /\[\[ATTACHMENT\|results\/latest\/macvlan-modes\/private\/cable.pcap\]\]/)
})

test('a repetition keeps the class and says which it is', (t) => {
  t.regex(
    renderJunit(readEvents('interleaved')),
    /name="The cable hangs in the air \[2\]" classname="wirelab.bridge-veth.default"/,
  )
})

test('a case whose repetitions differ is flaky where it passed, and a failure where it failed', (t) => {
  const events = readEvents('interleaved').map((event): RunEvent => {
    if (event.type !== 'case-finished' || !event.scope.endsWith('#2')) return event
    return { ...event, outcome: 'failed', found: 'no reply' }
  })
  const xml = renderJunit(events)
  t.is(lint(xml, '--schema', schema), '')
  t.regex(xml, /<flakyFailure message="wanted: [^"]*found: no reply" type="wirelab.[a-z-]+">\s*<stackTrace>/)
  t.regex(xml, /<failure /)
  t.regex(xml, /<property name="flaky" value="\d+"\/>/)
})

test('dots of a variant do not part the class name', (t) => {
  const events = readEvents('passed').map((event) =>
    event.type === 'scope-started' ? { ...event, variant: 'kernel 6.1' } : event,
  )
  t.regex(renderJunit(events), /classname="wirelab.bridge-veth.kernel_6_1"/)
})

test('no events are a report without suites', (t) => {
  const xml = renderJunit([])
  t.is(lint(xml, '--schema', schema), '')
  t.notRegex(xml, /<testsuite /)
})
