/**
 * Opens reports of recorded runs in Chromium: `npm run test:browser`. Looks for Debian's chromium, or for the program
 * that CHROMIUM names. With RESULTS=DIR it also opens the report of that results folder, with SCREENSHOTS=DIR it leaves
 * pictures there.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { RunEvent } from '../../runner/events.ts'
import { drawFiles, drawPage } from '../fixtures/draw.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { longEvents } from '../fixtures/hostile.ts'
import { makeHandout } from '../handout/handout.ts'
import { renderHandoutHtml } from '../handout/html.ts'
import { buildHistory } from '../many-runs/history.ts'
import { renderHistoryHtml } from '../many-runs/history-html.ts'
import { buildStory } from '../run/story.ts'
import { page as reportPage } from './html.ts'

const { CHROMIUM = '/usr/bin/chromium', RESULTS, SCREENSHOTS } = process.env
const recorded = [
  'passed',
  'outcomes',
  'every-outcome',
  'macvlan',
  'mutations',
  'mutants',
  'outage',
  'killed',
  'observed',
]
const long = ['report', 'outages', 'handout'].flatMap((kind) => [`${kind} of a long word`, `${kind} of a long line`])
/** Of a run of many scopes: the overview, and a page. */
const paged = ['report', 'report-pages/004']
const names = [
  ...recorded,
  'handout',
  'handout-student',
  'handout-observed',
  'history',
  ...paged,
  ...(RESULTS === undefined ? [] : ['results']),
]
const folder = mkdtempSync(join(tmpdir(), 'wirelab-browser-'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let browser: Browser

const longWord = `x${'/0123456789'.repeat(40)}`
const longLine = 'ip route add 10.0.0.0/8 via 192.0.2.1 '.repeat(12)

async function pageOf(name: string) {
  const [kind, text] = name.split(' of ')
  const long = text === 'a long word' ? longWord : longLine
  if (kind === 'report' || kind === 'outages')
    return drawPage(longEvents(kind === 'report' ? 'every-outcome' : 'outage', long))
  if (kind === 'handout' && text !== undefined)
    return renderHandoutHtml(handoutOf(longEvents('macvlan', long)), { student: false })
  if (name === 'handout-observed')
    return renderHandoutHtml(handoutOf(fixtureEvents('observed'), 'bridge-veth'), { student: false })
  if (name === 'many') return drawPage(copiesOf(['macvlan', 'outcomes', 'outage', 'observed'], 5))
  if (name === 'results') return readFileSync(join(RESULTS ?? '', 'report.html'), 'utf8')
  if (name === 'history') return renderHistoryHtml(buildHistory([fixtureEvents('passed'), fixtureEvents('outcomes')]))
  if (!name.startsWith('handout')) return drawPage(fixtureEvents(name))
  return renderHandoutHtml(handoutOf(fixtureEvents('macvlan')), { student: name === 'handout-student' })
}

/** As a run of all labs in all variants, some of which fail. */
function copiesOf(recordings: readonly string[], count: number): RunEvent[] {
  const whole = recordings.map(fixtureEvents)
  const [started] = whole[0] ?? []
  assert.ok(started?.type === 'run-started')
  const events = Array.from({ length: count }, (_, n) =>
    whole.flat().flatMap((event) => ('scope' in event ? [{ ...event, scope: `${event.scope} ${n}` } as RunEvent] : [])),
  )
  return [{ ...started, scopes: [] }, ...events.flat()]
}

function handoutOf(events: RunEvent[], lab = 'macvlan-modes') {
  const handout = makeHandout(buildStory(events), lab, lab === 'macvlan-modes' ? 'private' : undefined)
  assert.ok(typeof handout !== 'string')
  return handout
}

before(async () => {
  for (const name of [...names.filter((name) => !paged.includes(name)), ...long, 'many'])
    writeFileSync(join(folder, `${name}.html`), await pageOf(name))
  mkdirSync(join(folder, 'report-pages'))
  for (const [name, text] of await drawFiles(reportPage, copiesOf(['macvlan', 'outcomes'], 40)))
    writeFileSync(join(folder, name), text)
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})

after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

interface Look {
  readonly javaScriptEnabled?: boolean
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** Opens a page, and fails when it asks for anything or complains about anything. */
async function withPage(name: string, { width, ...look }: Look, use: (page: Page) => Promise<void>) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, ...look, bypassCSP: false })
  const troubles: string[] = []
  try {
    const page = await context.newPage()
    const url = pathToFileURL(join(folder, `${name}.html`)).href
    page.on('console', (message) => troubles.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
    page.on('request', (request) => {
      const isToPage = request.isNavigationRequest() && request.url().startsWith(pathToFileURL(folder).href)
      if (!isToPage && !request.url().startsWith('data:')) troubles.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    await use(page)
    assert.deepEqual(troubles, [])
  } finally {
    await context.close()
  }
}

async function findFaults(page: Page) {
  await page.evaluate(axe)
  const found = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary) })))`)
  return found as unknown[]
}

/** Waits until what has the id is in view: a page hears of a click's new hash a task later. Else it throws. */
const waitUntilInView = (page: Page, id: string) =>
  page.waitForFunction(`(() => {
    const { top, height } = document.getElementById(${JSON.stringify(id)})?.getBoundingClientRect() ?? { height: 0 }
    return height > 0 && top >= -1 && top < innerHeight
  })()`)

const looks: readonly Look[] = [390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

for (const name of names) {
  for (const look of looks) {
    test(`${name} at ${look.width} px, ${look.colorScheme}: fits, asks for nothing, and axe finds nothing`, () =>
      withPage(name, look, async (page) => {
        await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
        assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= look.width, 'it is too wide')
        if (SCREENSHOTS !== undefined) {
          mkdirSync(SCREENSHOTS, { recursive: true })
          const path = join(SCREENSHOTS, `${name}-${look.width}-${look.colorScheme}.png`)
          await page.screenshot({ path, fullPage: true })
        }
        assert.deepEqual(await findFaults(page), [])
      }))
  }
}

/** Elements that show less than they hold, by what can't be scrolled to or, on paper, not at all. */
const findCut = (page: Page, mayScroll: string) =>
  page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((one) => getComputedStyle(one).overflowX !== 'visible' && !one.matches(${JSON.stringify(`.unseen, ${mayScroll}`)}))
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
    .map((one) => one.tagName + '.' + one.className + ': ' + one.textContent.slice(0, 60))`)

for (const name of [...names, ...long]) {
  for (const width of [390, 1280]) {
    test(`${name} at ${width} px: commands, files, outputs and words are seen whole; wide tables and drawings scroll`, () =>
      withPage(name, { width, colorScheme: 'light' }, async (page) => {
        await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
        assert.deepEqual(await findCut(page, '.wide'), [])
        assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, 'it is too wide')
      }))
  }

  test(`${name} on paper: all of it is seen whole, within the width of A4`, () =>
    withPage(name, { width: 673, colorScheme: 'light' }, async (page) => {
      await page.emulateMedia({ media: 'print' })
      await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
      assert.deepEqual(await findCut(page, '.none'), [])
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 673, 'it is too wide')
    }))
}

test('one click leads from the front page to the evidence of a failed case', () =>
  withPage('every-outcome', { width: 1400, colorScheme: 'light' }, async (page) => {
    await page.click('.troubles.failed a')
    const id = 'bridge-veth/default/the-container-is-connected-ping'
    await waitUntilInView(page, id)
    const goal = page.locator(`[id="${id}"]`)
    assert.ok(await goal.locator('pre').isVisible())
    assert.match((await goal.textContent()) ?? '', /100% packet loss/)
  }))

test('each case in the lists of the front page is one click away, whatever became of it', () =>
  withPage('outcomes', { width: 400, colorScheme: 'light' }, async (page) => {
    const links = await page.locator('.troubles a').all()
    const goals = await Promise.all(links.map(async (link) => (await link.getAttribute('href'))?.slice(1) ?? ''))
    const kinds = new Set<string>()
    for (const [index, goal] of goals.entries()) {
      await links[index]?.click()
      const found = page.locator(`[id="${goal}"]`)
      await waitUntilInView(page, goal)
      kinds.add((await found.getAttribute('class')) ?? (await found.locator('xpath=../..').getAttribute('class')) ?? '')
    }
    assert.deepEqual([...kinds].toSorted(), ['case error', 'case failed', 'notice error'])
    const titles = await page.locator('.troubles h2').allTextContents()
    assert.deepEqual(
      titles.map((title) => title.split(':')[0]),
      ['Failed', 'Errors', 'Inconclusive', 'Flaky'],
    )
    assert.ok((await page.locator('.case.skipped').count()) > 0)
  }))

test('on paper everything is unfolded, fits the width of A4 and has no links that lead nowhere', () =>
  withPage('outcomes', { width: 673, colorScheme: 'light' }, async (page) => {
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    assert.equal(await page.locator('details:not([open])').count(), 0)
    assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 673, 'it is too wide')
    assert.equal(await page.locator('.up:visible, .self:visible').count(), 0)
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
    assert.ok((await page.locator('details:not([open])').count()) > 0)
    assert.match((await page.pdf({ format: 'A4' })).subarray(0, 5).toString(), /%PDF-/)
  }))

test('a page of many labs takes less than a second of work to open, and then makes the rest of what is folded', () =>
  withPage('many', { width: 1400, colorScheme: 'light' }, async (page) => {
    const inspector = await page.context().newCDPSession(page)
    // What the page's thread worked: a busy host does not count.
    await inspector.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.reload()
    const { metrics } = await inspector.send('Performance.getMetrics')
    const worked = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.POSITIVE_INFINITY
    assert.ok(worked < 1, `${worked} s`)
    assert.ok(statSync(join(folder, 'many.html')).size < 10_000_000)
    await page.locator('.scope > noscript').first().waitFor({ state: 'detached' })
    await page.locator('.scope.passed:not([open]) .step').first().waitFor({ state: 'attached' })
  }))

test('without its script all of a page is there to read', () =>
  withPage('macvlan', { width: 1280, colorScheme: 'light', javaScriptEnabled: false }, async (page) => {
    await page.click('.scope.passed > summary')
    assert.ok(await page.locator('.scope.passed .step').first().isVisible())
  }))

for (const name of names)
  test(`${name} in print: axe finds nothing`, () =>
    withPage(name, { width: 673, colorScheme: 'dark' }, async (page) => {
      await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
      await page.emulateMedia({ media: 'print' })
      assert.deepEqual(await findFaults(page), [])
    }))

test('the network that a run observed shows its bridge and veth pair, and can be read on a phone', () =>
  withPage('observed', { width: 390, colorScheme: 'light' }, async (page) => {
    await page.locator('.network summary').last().click()
    const texts = page.locator('.network[open] svg text')
    const shown = ['container', 'bridge0', 'veth0', 'eth0', 'veth']
    assert.deepEqual(
      (await texts.allTextContents()).map((text) => text.trim()).filter((text) => shown.includes(text)),
      shown,
    )
    for (const text of await texts.all()) assert.ok(((await text.boundingBox())?.height ?? 0) >= 9)
  }))

if (RESULTS !== undefined) {
  test('the report of the results folder is below 10 MB and opens within a second', () =>
    withPage('results', { width: 1400, colorScheme: 'light' }, async (page) => {
      assert.ok(statSync(join(folder, 'results.html')).size < 10_000_000)
      const times: number[] = []
      for (let round = 0; round < 3; round++) {
        await page.reload()
        times.push(Number(await page.evaluate(`performance.getEntriesByType('navigation')[0].loadEventEnd`)))
      }
      assert.ok(Math.min(...times) < 1000, times.join(', '))
    }))
}

test('a search leaves the steps that have its words, and says how many', () =>
  withPage('macvlan', { width: 1280, colorScheme: 'light' }, async (page) => {
    await page.fill('.search', 'hairpin off')
    await page.locator('.told', { hasText: /^1 step has it$/ }).waitFor()
    const [heading = '', ...more] = await page.locator('.step:visible h3').allTextContents()
    assert.ok(heading.startsWith('Reflection on the port to the host'), heading)
    assert.deepEqual(more, [])
    await page.fill('.search', '')
    await page.locator('.off').first().waitFor({ state: 'detached' })
  }))

test('what did not pass is shown alone, with the passed steps of a failed lab folded before', () =>
  withPage('outcomes', { width: 390, colorScheme: 'light' }, async (page) => {
    assert.ok((await page.locator('.scope.failed .step.passed > details:not([open])').count()) > 0)
    await page.check('.troubled')
    assert.equal(await page.locator('.scope.passed:visible, .step.passed:visible').count(), 0)
    assert.ok((await page.locator('.case.failed:visible').count()) > 0)
    await page.uncheck('.troubled')
    await page.click('.expand')
    assert.equal(await page.locator('.scopes details:not([open])').count(), 0)
    await page.click('.expand')
    assert.equal(await page.locator('.scopes details[open]').count(), 0)
  }))

test('a button copies the commands of a step, each on its line', () =>
  withPage('passed', { width: 1280, colorScheme: 'dark' }, async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.locator('button.copy').first().click()
    await page.locator('button.copy', { hasText: 'copied' }).waitFor()
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      'ip link add bridge0 type bridge\nip addr add 10.0.3.1/24 dev bridge0\nip link set bridge0 up',
    )
  }))

test('on a phone a topology is seen whole', () =>
  withPage('macvlan', { width: 390, colorScheme: 'light' }, async (page) => {
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
    for (const box of await page.locator('.drawing .wide').all())
      assert.ok(await box.evaluate((one) => one.scrollWidth <= one.clientWidth))
  }))

test('the answers of a handout are hidden on the screen and seen on paper', () =>
  withPage('handout', { width: 673, colorScheme: 'light' }, async (page) => {
    const answer = page.locator('.answer p').first()
    assert.equal(await answer.isVisible(), false)
    await page.emulateMedia({ media: 'print' })
    assert.ok(await answer.isVisible())
    await page.emulateMedia({ media: 'screen' })
    await page.locator('.answer summary').first().click()
    assert.ok(await answer.isVisible())
  }))

test('a link into a lab that is folded opens it', () =>
  withPage('macvlan', { width: 400, colorScheme: 'dark' }, async (page) => {
    const step = page.locator('[id="macvlan-modes/private"] .step').first()
    assert.equal(await step.isVisible(), false)
    await page.click('a[href="#macvlan-modes/private"]')
    await step.waitFor()
  }))

test('the evidence is reached with the keyboard alone', () =>
  withPage('every-outcome', { width: 1400, colorScheme: 'dark' }, async (page) => {
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForFunction(`document.activeElement.matches('article.case.failed')`)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(`document.activeElement.closest('article.case.failed') !== null`), true)
  }))

test('a page opened at a case shows that case', () =>
  withPage('macvlan', { width: 400, colorScheme: 'light' }, async (page) => {
    const id = 'macvlan-modes/private/who-reaches-whom-the-two-containers'
    // By way of an empty page: a new hash alone opens nothing, and a page that is loaded again goes back to where it was.
    await page.goto('about:blank')
    await page.goto(`${pathToFileURL(join(folder, 'macvlan.html')).href}#${id}`)
    await waitUntilInView(page, id)
  }))

test('an overview of many scopes finds them by words, shows those alone that did not pass, and leads to each', () =>
  withPage('report', { width: 1280, colorScheme: 'light' }, async (page) => {
    const shown = page.locator('.entry:visible')
    assert.equal(await shown.count(), 0)
    await page.fill('.search', 'outcomes/failed #2 31')
    await page.locator('.told', { hasText: /^1 lab variant has it$/ }).waitFor()
    assert.deepEqual(await shown.locator('a').allTextContents(), ['outcomes/failed #2 31'])
    await page.fill('.search', '')
    await page.locator('.off').first().waitFor({ state: 'detached' })
    await page.click('.expand')
    const all = await shown.count()
    await page.check('.troubled')
    assert.ok((await shown.count()) > 0 && (await shown.count()) < all)
    assert.equal(await page.locator('.entry.passed:visible').count(), 0)
    await shown.locator('a', { hasText: /^outcomes\/failed 31$/ }).click()
    await page.waitForURL(/report-pages\/\d+\.html#outcomes\/failed-31$/)
    assert.ok(await page.locator('[id="outcomes/failed-31"] .case.failed').first().isVisible())
    await page.click('nav a:has-text("Overview")')
    await page.waitForURL(/\/report\.html$/)
  }))

test('a link to a case, as it was in a report of one page, leads from the overview to its page', () =>
  withPage('report', { width: 400, colorScheme: 'dark' }, async (page) => {
    const id = 'outcomes/failed-30/somebody-answers-left-reaches-right'
    await page.evaluate(`location.hash = ${JSON.stringify(id)}`)
    await page.waitForURL(/report-pages/)
    await waitUntilInView(page, id)
  }))

test('without scripts an overview of many scopes still leads to each, and on paper all of them are on it', async () => {
  await withPage('report', { width: 1280, colorScheme: 'light', javaScriptEnabled: false }, async (page) => {
    const entries = page.locator('.scope summary', { hasText: 'outcomes/failed' })
    await entries.first().click()
    await page.locator('.entry:visible a').first().click()
    await page.waitForURL(/report-pages\/\d+\.html#/)
  })
  await withPage('report', { width: 673, colorScheme: 'light' }, async (page) => {
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    assert.ok((await page.locator('.entry:visible').count()) > 300)
  })
})
