import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { drawPage } from '../fixtures/draw.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { findUnbalanced } from '../fixtures/markup.ts'
import { imageLines } from '../terminal/image-lines.ts'
import { compareImages } from './image-differences.ts'
import { summarise } from './summary.ts'

/** The recorded run that passed, as it would be on these images; `change` is what is otherwise on one of them. */
function eventsOn(images: readonly string[], change: (event: RunEvent, image: string) => RunEvent | undefined) {
  return fixtureEvents('passed').flatMap((event): RunEvent[] => {
    if (!('scope' in event) || event.scope === undefined)
      return event.type === 'run-started' ? [{ ...event, scopes: [] }] : [event]
    return images.flatMap((image) => {
      const scope = `${event.scope}@${image}`
      const facts = [{ machine: 'host', image, key: 'k', kernel: `6.${image.length}` }]
      const moved =
        event.type === 'scope-started'
          ? { ...event, scope, variant: `${event.variant}@${image}`, image, images: facts }
          : { ...event, scope }
      return change(moved as RunEvent, image) ?? []
    })
  })
}

const comparisonOf = (events: readonly RunEvent[]) => compareImages(summarise(events).scopes)
const paint = (_look: string, text: string) => text
const [firstCase = ''] = fixtureEvents('passed').flatMap((event) =>
  event.type === 'case-finished' ? [event.case] : [],
)
const failsOn = (wanted: string) => (event: RunEvent, image: string) =>
  event.type === 'case-finished' && event.case === firstCase && image === wanted
    ? { ...event, outcome: 'failed' as const }
    : event

test('a run on one image has nothing to compare', (t) => {
  t.is(comparisonOf(fixtureEvents('passed')), undefined)
  t.is(comparisonOf(eventsOn(['a'], (event) => event)), undefined)
})

test('claims that came out the same on all images are counted and not listed', (t) => {
  const comparison = comparisonOf(eventsOn(['a', 'bb'], (event) => event))
  t.like(comparison, {
    compared: 3,
    differences: [],
    images: [
      { name: 'a', kernel: '6.1' },
      { name: 'bb', kernel: '6.2' },
    ],
  })
})

test('a claim that failed on one image alone is told, with each image’s outcome', async (t) => {
  const events = eventsOn(['a', 'bb'], failsOn('bb'))
  const differences = comparisonOf(events)?.differences.map(({ where, name, outcomes }) => [
    where,
    name,
    ...outcomes.map((one) => one?.outcome),
  ])
  t.deepEqual(differences, [['bridge-veth/default', firstCase, 'passed', 'failed']])
  const lines = imageLines(summarise(events).scopes, paint)
  t.regex(lines[1] ?? '', /^ {2}a \(6\.1\) +bb \(6\.2\)/)
  t.is(lines[2], `  ✓ passed   ✗ failed   bridge-veth/default: ${firstCase}`)
  const page = await drawPage(events)
  t.regex(page, /Claims that differ between images.*a \(6\.1\).*bb \(6\.2\).*>passed<\/a>.*>failed<\/a>/s)
  t.is(findUnbalanced(page), undefined)
})

test('of a lab that an image could not try there is one row for all its claims', (t) => {
  const events = eventsOn(['a', 'bb'], (event, image) => {
    if (image === 'a' || event.type === 'scope-started') return event
    return event.type === 'scope-finished' ? { ...event, outcome: 'skipped', message: 'it lacks vtysh' } : undefined
  })
  const { scopes } = summarise(events)
  t.true(scopes[1]?.cases.every(({ outcome, message }) => outcome === 'skipped' && message === 'it lacks vtysh'))
  t.deepEqual(
    comparisonOf(events)?.differences.map(({ name, outcomes }) => [name, ...outcomes.map((one) => one?.outcome)]),
    [['3 claims', 'passed', 'skipped']],
  )
})
