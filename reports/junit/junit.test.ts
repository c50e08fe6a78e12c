import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { drawJunit, drawPage } from '../fixtures/draw.ts'
import { fixtureEvents, golden, lossyEvents, retriedEvents } from '../fixtures/fixture.ts'
import { hostileEvents, hostileOutputs } from '../fixtures/hostile.ts'

const fixture = (file: string) => fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url))

/** What xmllint has against a document; empty when nothing. */
function lint(xml: string, ...options: string[]) {
  const { error, status, stderr } = spawnSync('xmllint', ['--noout', ...options, '-'], { input: xml, encoding: 'utf8' })
  if (error !== undefined) throw error
  return status === 0 ? '' : stderr
}

const againstJenkins = (xml: string) => lint(xml, '--schema', fixture('junit-jenkins.xsd'))

const suitesOf = (xml: string) => xml.match(/^ {2}<testsuite .*?^ {2}<\/testsuite>/gms) ?? []

/** What Surefire, which knows only single suites, has against any of a document's. */
const againstSurefire = (xml: string) =>
  suitesOf(xml)
    .map((suite) => lint(suite, '--schema', fixture('junit-surefire.xsd')))
    .join('')

const names = (xml: string) => [...xml.matchAll(/<testcase (name="[^"]*" classname="[^"]*")/g)].map(([, name]) => name)

for (const name of ['passed', 'outcomes', 'every-outcome', 'interleaved', 'killed', 'mutations', 'mutants']) {
  test(`the ${name} run becomes the expected report, valid for Jenkins and, suite by suite, for Surefire`, (t) => {
    const xml = drawJunit(fixtureEvents(name))
    t.is(xml, golden(`${name}.xml`, xml))
    t.is(againstJenkins(xml), '')
    t.is(againstSurefire(xml), '')
    t.is(new Set(names(xml)).size, names(xml).length)
  })
}

test('the report of a record that is not whole is valid for Jenkins and, suite by suite, for Surefire', (t) => {
  const xml = drawJunit(lossyEvents('passed'))
  t.is(againstJenkins(xml), '')
  t.is(againstSurefire(xml), '')
})

for (const [what, text] of Object.entries(hostileOutputs)) {
  test(`a machine that prints ${what} cannot break the report`, (t) => {
    const xml = drawJunit(hostileEvents(text))
    t.is(againstJenkins(xml), '')
    t.is(againstSurefire(xml), '')
    t.true(xml.length < 3_000_000, `${xml.length} characters`)
    t.notRegex(xml, /(?![\t\n])\p{Cc}/u)
  })
}

test('a long text loses its middle and says so', (t) => {
  const xml = drawJunit(hostileEvents(`begin${'x'.repeat(500_000)}end`))
  t.regex(xml, /characters left out/)
  t.regex(xml, /end<\/failure>/)
})

test('a run in which very much goes wrong stays below 20 MB, with all its cases', (t) => {
  const many = (events: readonly RunEvent[]) =>
    Array.from({ length: 100 }, (_, n) =>
      events.flatMap((event) => ('scope' in event ? [{ ...event, scope: `${event.scope} #${n}` }] : [])),
    ).flat()
  const xml = drawJunit(many(hostileEvents('&<>'.repeat(100_000))))
  t.true(Buffer.byteLength(xml) < 20_000_000, `${xml.length}`)
  t.is(names(xml).length, names(drawJunit(many(hostileEvents('x')))).length)
  t.is(againstJenkins(xml), '')
})

test('the schemas notice what the other allows', (t) => {
  const [suite = ''] = suitesOf(drawJunit(fixtureEvents('every-outcome')))
  const stamped = suite.replace('<testsuite ', '<testsuite timestamp="2025-03-01T10:15:00Z" ')
  t.is(againstJenkins(stamped), '')
  t.regex(lint(stamped, '--schema', fixture('junit-surefire.xsd')), /attribute 'timestamp' is not allowed/)
  const versioned = suite.replace('<testsuite ', '<testsuite version="3.0" ')
  t.is(lint(versioned, '--schema', fixture('junit-surefire.xsd')), '')
  t.regex(againstJenkins(versioned), /attribute 'version' is not allowed/)
})

test('Jenkins gets when and where a suite ran, still as its schema has it', (t) => {
  const xml = drawJunit(fixtureEvents('every-outcome'), { reader: 'jenkins' })
  t.regex(xml, /<testsuite name="bridge-veth\/default" [^>]* timestamp="2025-03-01T10:15:00.000Z" hostname="runner-1"/)
  t.is(againstJenkins(xml), '')
})

test('places stand on cases only for those who read them', (t) => {
  const events = fixtureEvents('every-outcome')
  t.notRegex(drawJunit(events), /<testcase [^>]*file=/)
  for (const reader of ['gitlab', 'github'] as const) {
    const extended = drawJunit(events, { reader })
    t.regex(
      extended,
      /<testcase name="Who reaches whom: a wrong cell" [^>]* file="\/home\/student\/wirelab\/labs\/trouble.yaml" line="17"/,
    )
    t.regex(extended, /<testsuites [^>]*skipped="1"/)
    t.is(lint(extended), '')
  }
})

test("a case that needs a look has its scope's logs attached, consoles first", (t) => {
  const events = fixtureEvents('every-outcome').map((event): RunEvent => {
    return event.type === 'scope-started' ? { ...event, folder: event.scope } : event
  })
  const files = ['bridge-veth/default/a.log', 'bridge-veth/default/host.console.log', 'bridge-veth/default/x/y.log']
  const [suite = '', ...others] = suitesOf(drawJunit(events, { files }))
  t.regex(
    suite,
    /<\/failure>\n *<system-out>\[\[ATTACHMENT\|bridge-veth\/default\/host.console.log\]\]\n\[\[ATTACHMENT\|bridge-veth\/default\/a.log\]\]<\/system-out>/,
  )
  t.is(suite.match(/ATTACHMENT/g)?.length, 4)
  t.notRegex(others.join(''), /bridge-veth\/default\/a.log/)
})

test('attachments are named from where the reader stands', (t) => {
  const xml = drawJunit(fixtureEvents('every-outcome'), { attachmentsBelow: 'results/latest/' })
  t.regex(xml, /\[\[ATTACHMENT\|results\/latest\/trouble\/private\/step-02-cable.pcap\]\]/)
})

test('lab files are named from the checkout of a job, others as they are', (t) => {
  const files = (project: string) => {
    const xml = drawJunit(fixtureEvents('macvlan'), { reader: 'gitlab', project })
    return new Set([...xml.matchAll(/<testcase [^>]* file="([^"]*)"/g)].map(([, file]) => file))
  }
  t.deepEqual([...files('/home/student/wirelab')], ['labs/macvlan-modes.yaml'])
  t.deepEqual([...files('/elsewhere')], ['/home/student/wirelab/labs/macvlan-modes.yaml'])
})

test('a repetition keeps the class and says which it is', (t) => {
  t.regex(
    drawJunit(fixtureEvents('interleaved')),
    /name="The container is connected: ping \[2\]" classname="wirelab.bridge-veth.default"/,
  )
})

test('a case whose repetitions differ is flaky where it passed, and a failure where it failed', (t) => {
  const events = fixtureEvents('interleaved').map((event): RunEvent => {
    if (event.type !== 'case-finished' || !event.scope.endsWith('#2')) return event
    return { ...event, outcome: 'failed', found: 'no reply' }
  })
  const xml = drawJunit(events)
  t.is(againstJenkins(xml), '')
  t.is(againstSurefire(xml), '')
  t.regex(xml, /<flakyFailure message="wanted: [^"]*found: no reply" type="wirelab.[a-z-]+">\s*<stackTrace>/)
  t.regex(xml, /<failure /)
  t.regex(xml, /<property name="flaky" value="\d+"\/>/)
})

test('dots of a variant do not part the class name', (t) => {
  const events = fixtureEvents('passed').map((event) =>
    event.type === 'scope-started' ? { ...event, variant: 'kernel 6.1' } : event,
  )
  t.regex(drawJunit(events), /classname="wirelab.bridge-veth.kernel_6_1"/)
})

test('no events are a report without suites', (t) => {
  const xml = drawJunit([])
  t.is(againstJenkins(xml), '')
  t.is(againstSurefire(xml), '')
  t.notRegex(xml, /<testsuite /)
})

test('a case that another try judged is one testcase, with what the first found as flaky', async (t) => {
  const events = retriedEvents('passed')
  const xml = drawJunit(events)
  t.deepEqual(names(xml), names(drawJunit(fixtureEvents('passed'))))
  t.regex(xml, /<testsuites [^>]*failures="0" errors="0"/)
  t.is([...xml.matchAll(/<flakyError message="the machines were too busy to tell"/g)].length, names(xml).length)
  t.is(againstJenkins(xml), '')
  t.regex(await drawPage(events), /another try gave: error, the machines were too busy to tell/)
})

test('what of a trial was done once for several, and why no more, is told beside it', async (t) => {
  const withBeginning = async (beginning: object) => {
    const events = fixtureEvents('mutants').map((event) =>
      event.type === 'scope-finished' ? ({ ...event, beginning } as RunEvent) : event,
    )
    return `${drawJunit(events)}${await drawPage(events)}`
  }
  const shared = await withBeginning({ done: 2, scope: 'lab/x (y: left out)', why: 'a process runs' })
  const words =
    'The first 2 steps were done and judged once for several trials, in lab/x (y: left out); no more, because a process runs'
  t.true(shared.split(words).length > 2)
  const anew = await withBeginning({ done: 0, why: 'a process runs' })
  t.true(anew.includes('<system-out>No step is shared with other trials: a process runs'))
})
