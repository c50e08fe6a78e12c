import { createHash } from 'node:crypto'
import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { drawFiles, drawPage } from '../fixtures/draw.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { hostileEvents, hostileOutputs } from '../fixtures/hostile.ts'
import { findUnbalanced } from '../fixtures/markup.ts'
import { resultsFiles } from '../index.ts'
import { page } from './html.ts'

const idsOf = (page: string) => [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
const goalsOf = (page: string) => [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)

for (const name of [
  'passed',
  'outcomes',
  'every-outcome',
  'interleaved',
  'killed',
  'mutations',
  'mutants',
  'outage',
  'macvlan',
  'observed',
]) {
  test(`the page of the ${name} run nests well, names each place once, and each link in it leads somewhere`, async (t) => {
    const page = await drawPage(fixtureEvents(name))
    t.is(findUnbalanced(page), undefined)
    const ids = idsOf(page)
    t.is(new Set(ids).size, ids.length)
    for (const goal of goalsOf(page)) t.true(ids.includes(goal), goal)
  })

  test(`the page of the ${name} run asks for nothing from elsewhere`, async (t) => {
    const page = await drawPage(fixtureEvents(name))
    t.notRegex(page, /(src|href)="(?!#|\.\/|data:,")/)
    t.notRegex(page, /@import|url\(/)
  })
}

for (const [what, text] of Object.entries({
  ...hostileOutputs,
  'an element that acts': `"'><img src=x onerror="alert(1)"><script>alert(1)</script></pre></details></main>`,
})) {
  test(`a machine that prints ${what} cannot break the page`, async (t) => {
    const page = await drawPage(hostileEvents(text))
    t.is(findUnbalanced(page), undefined)
    t.is([...page.matchAll(/<script/g)].length, 1)
    t.notRegex(page, /<[^>]*\son[a-z]+=/)
    t.notRegex(page, /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/u)
    t.true(Buffer.byteLength(page) < 10_000_000)
  })
}

test('names in a lab cannot break the page either', async (t) => {
  const text = '"><script>alert(1)</script>\u202e\\n'
  const events = fixtureEvents('outage').map((event): RunEvent => {
    if (event.type !== 'scope-started') return event
    const nodes = [{ name: text, address: text }, { name: 'inside', namespaceOf: text }, ...event.topology.nodes]
    const links = [{ endpoints: [`${text}:eth1`, 'b:eth2'] as const }, ...event.topology.links]
    return { ...event, title: text, summary: text, topology: { nodes, links } }
  })
  const page = await drawPage(events)
  t.is(findUnbalanced(page), undefined)
  t.is([...page.matchAll(/<script/g)].length, 1)
})

test('only the script of the page itself may run', async (t) => {
  const page = await drawPage(fixtureEvents('passed'))
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? []
  t.true(page.includes(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`))
  t.true(page.includes("default-src 'none'"))
})

test('each case that is not passed is one link away from the front page', async (t) => {
  const page = await drawPage(fixtureEvents('every-outcome'))
  const front = page.slice(0, page.indexOf('<section class="scopes"'))
  t.regex(front, /href="#bridge-veth\/default\/the-container-is-connected-ping"/)
  t.regex(front, /Failed: the network said no/)
  t.regex(front, /Errors: the machinery broke/)
  t.regex(front, /Inconclusive: it could not be told/)
  t.regex(page, /<article class="case failed" id="bridge-veth\/default\/the-container-is-connected-ping"/)
})

test('a cell tells its verdict by a sign and a word, not by its colour alone', async (t) => {
  const page = await drawPage(fixtureEvents('macvlan'))
  t.regex(
    page,
    /<td class="failed"><span class="sign failed"><span aria-hidden="true">✗<\/span><span class="unseen">failed/,
  )
  t.regex(page, /unreachable<br><span class="aside">wanted reachable/)
})

test('an outage is told with its event, its gap and its recovery', async (t) => {
  const page = await drawPage(fixtureEvents('outage'))
  t.regex(page, /<b>1<\/b> 0 ms: link b:eth1 silent/)
  t.regex(page, /a gap of 510 ms from −1 ms to 510 ms/)
  t.regex(page, /510 ms: the stream is back/)
  t.regex(page, /the stream did not recover/)
})

test('an outage of requests is told as that of a service', async (t) => {
  const events = fixtureEvents('outage').map((event): RunEvent => {
    if (event.type !== 'outage-measured') return event
    return { ...event, receivers: [], measured: { ...event.measured, request: 'HTTP /<x>' } }
  })
  const page = await drawPage(events)
  t.regex(page, /A request \(HTTP \/&lt;x&gt;\) every 10 ms from a to 10\.0\.0\.2: \d+ requests of \d+ unanswered/)
  t.regex(page, /510 ms: the service is back/)
  t.regex(page, /the service did not recover/)
  t.notRegex(page, /datagram every/)
})

test('a cable that was cut is drawn as cut after the step that cut it', async (t) => {
  const page = await drawPage(fixtureEvents('outage'))
  const [whole, cut] = [...page.matchAll(/<svg class="topology".*?<\/svg>/gs)].map(([svg]) => svg)
  t.notRegex(whole ?? '', /edge cable cut/)
  t.regex(cut ?? '', /edge cable cut/)
  t.regex(cut ?? '', /✂ down/)
})

test('the network that the kernels told is drawn folded after a step, where it is not as it was before', async (t) => {
  const page = await drawPage(fixtureEvents('observed'))
  const steps = page.split('<li class="step').slice(1)
  t.deepEqual(
    steps.map((step) => step.includes('<details class="network">')),
    [true, false, true, false],
  )
  t.notRegex(steps[0] ?? '', /veth0 is joined to/)
  t.regex(steps[2] ?? '', /host:veth0 is joined to host:bridge0/)
})

test('of several labs those that passed are text to a browser with scripts until they are unfolded', async (t) => {
  const page = await drawPage(fixtureEvents('macvlan'))
  t.regex(page, /<details class="scope passed" id="macvlan-modes\/private">\n<summary>.*<\/summary>\n<noscript>/)
  t.regex(page, /<details class="scope failed" id="[^"]*" open>\n<summary>.*<\/summary>\n\n<h3/)
  t.notRegex(await drawPage(fixtureEvents('passed')), /<noscript>/)
})

test('frames, packages and consoles are shown where the results folder has them', async (t) => {
  const path = 'macvlan-modes/private/step-09-cable.pcap'
  const events = fixtureEvents('macvlan').map((event): RunEvent => {
    return event.type === 'scope-started' ? { ...event, folder: event.scope } : event
  })
  const page = await drawPage(events, {
    packages: { iproute2: '6.1.0-3' },
    decoded: new Map([[path, 'ARP, Request who-has 10.0.3.16']]),
    files: ['macvlan-modes/private/host.console.log'],
  })
  t.regex(page, /iproute2 <span class="aside">6.1.0-3/)
  t.regex(page, /ARP, Request who-has 10.0.3.16/)
  t.regex(page, new RegExp(`href="./${path}" download`))
  t.regex(page, /href="\.\/macvlan-modes\/private\/host.console.log"/)
})

test('each command that was typed is a line of its own, with its newline to be copied', async (t) => {
  const page = await drawPage(fixtureEvents('passed'))
  t.regex(
    page,
    /<span>ip link add bridge0 type bridge\n<\/span><span>[^<]*\n<\/span><span>ip link set bridge0 up<\/span><\/pre>/,
  )
})

test('the foot of the page leads to each other file of the results folder', async (t) => {
  const page = await drawPage(fixtureEvents('passed'), { resultsFiles })
  const [foot = ''] = /<footer>.*<\/footer>/s.exec(page) ?? []
  for (const file of resultsFiles) t.is(foot.includes(`<a href="./${file}">${file}</a>`), file !== 'report.html', file)
})

test('repetitions that differ are told apart from failures', async (t) => {
  const events = fixtureEvents('interleaved').map((event): RunEvent => {
    if (event.type !== 'case-finished' || !event.scope.endsWith('#2')) return event
    return { ...event, outcome: 'failed', found: 'no reply' }
  })
  const page = await drawPage(events)
  t.regex(page, /Flaky: repetitions differ/)
  t.regex(page, /1 of 2 failed \(50 %\), true after/)
  t.notRegex(page, /Failed: the network said no/)
})

/** A run of many scopes, of which some fail. */
function manyEvents(passing: number, failing: number): RunEvent[] {
  const [one = [], other = []] = ['passed', 'outcomes'].map(fixtureEvents)
  const copies = (events: readonly RunEvent[], count: number) =>
    Array.from({ length: count }, (_, at) => events.map((event) => renamed(event, `${at}`)))
  const renamed = (event: RunEvent, more: string): RunEvent =>
    'scope' in event && event.scope !== undefined ? { ...event, scope: `${event.scope} ${more}` } : event
  const inner = [...copies(one, passing), ...copies(other, failing)].flat()
  const [first, last] = [one[0], one.at(-1)]
  if (first?.type !== 'run-started' || last === undefined) throw new Error('the recorded run has no beginning')
  return [{ ...first, scopes: [] }, ...inner.filter(({ type }) => !/^run-/.test(type)), last]
}

test('a run of many scopes is an overview, which leads to each scope and each case that did not pass, on pages', async (t) => {
  const drawn = await drawFiles(page, manyEvents(320, 3))
  const { 'report.html': overview = '', ...pages } = Object.fromEntries(drawn)
  t.deepEqual(
    Object.keys(pages),
    ['001', '002', '003', '004'].map((name) => `report-pages/${name}.html`),
  )
  const ids = Object.entries(pages).flatMap(([name, text]) => idsOf(text).map((id) => `./${name}#${id}`))
  const goals = [...overview.matchAll(/href="(\.\/report-pages\/[^"]*#[^"]*)"/g)].map(([, goal]) => goal)
  t.deepEqual(
    goals.filter((goal) => !ids.includes(`${goal}`)),
    [],
  )
  const scopes = Object.values(pages).flatMap((text) => text.match(/<details class="scope [^>]*>/g) ?? [])
  t.is(scopes.length, new Set(goals.filter((goal) => /#[^/]+\/[^/]+$/.test(`${goal}`))).size)
  t.regex(overview, /Failed: the network said no.*report-pages\/004.html#outcomes\/failed-0\//s)
  for (const text of drawn.values()) {
    t.is(findUnbalanced(text), undefined)
    t.is(new Set(idsOf(text)).size, idsOf(text).length)
    for (const goal of goalsOf(text)) t.true(idsOf(text).includes(goal), goal)
    t.notRegex(text, /(src|href)="(?!#|\.\.?\/|data:,")/)
  }
})

test('a page of many tells of passed scopes what they did, until there are very many: then what became of claims', async (t) => {
  const [some, many] = [301, 1001].map(async (count) => drawFiles(page, manyEvents(count, 1)))
  const [of301, of1001] = [await some, await many].map((drawn) => drawn?.get('report-pages/001.html') ?? '')
  t.regex(of301 ?? '', /ip link add bridge0/)
  t.notRegex(of1001 ?? '', /ip link add bridge0/)
  t.regex(of1001 ?? '', /<h3>The container is connected<\/h3>/)
  const last = [...((await many)?.values() ?? [])].at(-2) ?? ''
  t.regex(last, /What was typed and printed for this verdict/)
  t.true((await many)?.size === 12)
})

test('a run of many labs that print much stays below 10 MB', async (t) => {
  const [first, ...events] = hostileEvents('x'.repeat(200_000))
  const many = Array.from({ length: 60 }, (_, n) =>
    events.flatMap((event) => ('scope' in event ? [{ ...event, scope: `${event.scope} #${n}` }] : [])),
  )
  t.truthy(first)
  const page = await drawPage([...(first === undefined ? [] : [first]), ...many.flat()])
  t.true(Buffer.byteLength(page) < 10_000_000, `${page.length}`)
})
