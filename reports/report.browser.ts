/**
 * Opens reports of recorded runs in Chromium: `npm run test:browser`. Looks for Debian's chromium, or for the program
 * that CHROMIUM names. With SCREENSHOTS=DIR it leaves pictures there.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { readEvents } from './fixtures/fixture.ts'
import { makeHandout } from './handout.ts'
import { renderHandoutHtml } from './handout-html.ts'
import { renderHtml } from './html.ts'
import { tellStory } from './story.ts'

const { CHROMIUM = '/usr/bin/chromium', SCREENSHOTS } = process.env
const names = ['passed', 'every-outcome', 'macvlan', 'mutations', 'outage', 'killed', 'handout', 'handout-student']
const folder = mkdtempSync(join(tmpdir(), 'wirelab-browser-'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let browser: Browser

const pageOf = async (name: string) => {
  if (!name.startsWith('handout')) return renderHtml(readEvents(name))
  const handout = makeHandout(tellStory(readEvents('macvlan')), 'macvlan-modes', 'private')
  assert.ok(typeof handout !== 'string')
  return renderHandoutHtml(handout, { student: name === 'handout-student' })
}

before(async () => {
  for (const name of names) writeFileSync(join(folder, `${name}.html`), await pageOf(name))
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})

after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

interface Look {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** Opens a page, and fails when it asks for anything or complains about anything. */
const withPage = async (name: string, { width, colorScheme }: Look, use: (page: Page) => Promise<void>) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: false })
  const troubles: string[] = []
  try {
    const page = await context.newPage()
    const url = pathToFileURL(join(folder, `${name}.html`)).href
    page.on('console', (message) => troubles.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
        troubles.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    await use(page)
    assert.deepEqual(troubles, [])
  } finally {
    await context.close()
  }
}

const findFaults = async (page: Page) => {
  await page.evaluate(axe)
  const found = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary) })))`)
  return (found as { impact: string }[]).filter(({ impact }) => ['serious', 'critical'].includes(impact))
}

const isInView = (page: Page, id: string) =>
  page.evaluate(`(() => {
    const { top } = document.getElementById(${JSON.stringify(id)}).getBoundingClientRect()
    return top >= -1 && top < innerHeight
  })()`)

const looks: readonly Look[] = [400, 1400].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

for (const name of names) {
  for (const look of looks) {
    test(`${name} at ${look.width} px, ${look.colorScheme}: fits, asks for nothing, and axe finds nothing serious`, () =>
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

test('one click leads from the front page to the evidence of a failed case', () =>
  withPage('every-outcome', { width: 1400, colorScheme: 'light' }, async (page) => {
    await page.click('.troubles.failed a')
    const goal = page.locator('[id="bridge-veth/default/the-container-is-connected-ping"]')
    assert.ok(await goal.locator('pre').isVisible())
    assert.match((await goal.textContent()) ?? '', /100% packet loss/)
    assert.ok(await isInView(page, 'bridge-veth/default/the-container-is-connected-ping'))
  }))

test('a link into a lab that is folded opens it', () =>
  withPage('macvlan', { width: 400, colorScheme: 'dark' }, async (page) => {
    const step = page.locator('[id="macvlan-modes/private"] .step').first()
    assert.equal(await step.isVisible(), false)
    await page.click('a[href="#macvlan-modes/private"]')
    assert.ok(await step.isVisible())
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
    await page.goto(`${pathToFileURL(join(folder, 'macvlan.html')).href}#${id}`)
    await page.reload()
    assert.ok(await page.locator(`[id="${id}"]`).isVisible())
    assert.ok(await isInView(page, id))
  }))
