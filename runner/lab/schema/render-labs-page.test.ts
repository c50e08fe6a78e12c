import { readFileSync } from 'node:fs'
import test from 'ava'
import { assertions } from '../../../assertions/index.ts'
import { labOf, withSteps } from '../../testing/test-labs.ts'
import { listLabs } from '../find-lab.ts'
import type { Lab } from '../lab.ts'
import { loadLab } from '../load-lab.ts'
import { timesOfPage, timesOfRun } from './labs-page-times.ts'
import { renderLabsPage } from './render-labs-page.ts'

const labsFolder = new URL('../../../labs/', import.meta.url)
const page = readFileSync(new URL('README.md', labsFolder), 'utf8')
const noTimes = { measuredOn: 'a host', times: new Map() }

const made = (name: string, more: Partial<Lab> = {}): Lab => ({
  ...labOf(withSteps('  - { name: one, on: host, run: "true" }')),
  name,
  ...more,
})

/** Names of the labs and chapters of a page, in their order. */
const contentsOf = (text: string) => Array.from(text.matchAll(/^(?:## (.*)|\| \[(.*?)\])/gm), ([, a, b]) => a ?? b)

test('labs/README.md lists the labs as they are now', (t) => {
  const labs = listLabs(labsFolder.pathname).flatMap(({ file }) => loadLab(file, assertions).lab ?? [])
  t.true(labs.length > 20)
  t.true(page === renderLabsPage(labs, timesOfPage(page)), 'it is stale: renew it with "npm run schema"')
  for (const { name, chapter } of labs) t.truthy(chapter, `${name} has no chapter`)
})

test('labs stand in their chapters, the smallest first; unknown chapters and labs without one come last', (t) => {
  const [small] = made('x').variants
  const large = small === undefined ? [] : [{ ...small, nodes: [...small.nodes, { name: 'third' }] }]
  const labs = [
    made('stray'),
    made('a', { chapter: 'VLAN', variants: large }),
    made('b', { chapter: 'VLAN' }),
    made('c', { chapter: 'Bridging' }),
    made('d', { chapter: 'Tunnels' }),
    made('e', { chapter: 'Anycast' }),
  ]
  t.deepEqual(contentsOf(renderLabsPage(labs, noTimes)), [
    ...['Bridging', 'c', 'VLAN', 'b', 'a'],
    ...['Anycast', 'e', 'More', 'stray', 'Tunnels', 'd'],
  ])
})

test('a row has the first sentence of the summary, on one line and without breaking the table', (t) => {
  const summary = 'By 10.0.0.1, e.g. a |\npipe. Then more.'
  const text = renderLabsPage([made('x', { summary })], { measuredOn: '', times: new Map([['x', '5 s']]) })
  t.true(text.includes('\n| [x](x) | **A test.** By 10.0.0.1, e.g. a \\| pipe. | – | 2 | 0 | 5 s |\n'))
})

test('times are those of a run in which all variants of a lab were measured, coarsely', (t) => {
  const labs = [
    { name: 'short', variants: [{ name: 'default' }] },
    { name: 'long', variants: [{ name: 'a' }, { name: 'b' }] },
    { name: 'partial', variants: [{ name: 'a' }, { name: 'b' }] },
  ]
  const suites = { 'short/default': 1, 'short/default #2': 70, 'long/a': 41.2, 'long/b': 22, 'partial/a': 30 }
  const junit = Object.entries(suites).map(([name, time]) => `  <testsuite name="${name}" tests="1" time="${time}">\n`)
  const surroundings = { accelerator: 'tcg', host: 'Linux 6.1.0 x64, 4 processors, 8 GiB' }
  const manifest = JSON.stringify({ surroundings })
  const { measuredOn, times } = timesOfRun(labs, { junit: junit.join(''), manifest })
  t.is(measuredOn, 'emulated, without KVM; 4 processors, 8 GiB')
  t.deepEqual(
    [...times],
    [
      ['short', '5 s'],
      ['long', '1 min'],
    ],
  )
})

test('the times of a page are found in it again', (t) => {
  const times = {
    measuredOn: 'KVM; 4 processors, 8 GiB',
    times: new Map([
      ['x', '15 s'],
      ['y', '–'],
    ]),
  }
  t.deepEqual(timesOfPage(renderLabsPage([made('x'), made('y', { title: 'A | b' })], times)), times)
})
