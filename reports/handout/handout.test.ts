import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fixtureEvents, golden } from '../fixtures/fixture.ts'
import { findUnbalanced } from '../fixtures/markup.ts'
import { buildStory } from '../run/story.ts'
import { type Handout, makeHandout } from './handout.ts'
import { renderHandoutHtml } from './html.ts'
import { renderHandoutMarkdown } from './markdown.ts'

const errata = [{ notes: 'Bring it up in ns1.', fails: 'There is <no> "ns1".', works: 'Use cont1.' }]

function handoutOf(events: readonly RunEvent[], lab: string, variant?: string): Handout {
  const told = events.map((event) => (event.type === 'scope-started' ? { ...event, errata } : event))
  const handout = makeHandout(buildStory(told), lab, variant)
  if (typeof handout === 'string') throw new Error(handout)
  return handout
}

test('a handout has each step with its reason, its commands and their real output, questions and errata', (t) => {
  const text = renderHandoutMarkdown(handoutOf(fixtureEvents('macvlan'), 'macvlan-modes', 'private'), {
    student: false,
  })
  t.is(text, golden('handout.md', text))
})

test("a student's handout has no output, no answer, and no name of a step that tells the answer", (t) => {
  const text = renderHandoutMarkdown(handoutOf(fixtureEvents('macvlan'), 'macvlan-modes', 'private'), { student: true })
  t.is(text, golden('handout-student.md', text))
  t.notRegex(text, /Answer|unreachable|packets transmitted/)
})

test('the page of a handout nests well and runs nothing', async (t) => {
  for (const student of [true, false]) {
    const page = await renderHandoutHtml(handoutOf(fixtureEvents('outage'), 'out'), { student })
    t.is(findUnbalanced(page), undefined)
    t.notRegex(page, /<script|src=/)
    t.is(page.includes('class="answer"'), !student)
    t.is(page.includes('class="timeline"'), !student)
  }
})

test('an answer lies folded, and the question stands before the reason that would tell it', async (t) => {
  const handout = handoutOf(fixtureEvents('macvlan'), 'macvlan-modes', 'private')
  const page = await renderHandoutHtml(handout, { student: false })
  t.notRegex(page, /<details class="answer" open/)
  t.true(page.split('<details class="answer"><summary>Answer').length > 3)
  for (const step of page.split('<li class="step"').filter((part) => part.includes('class="question"')))
    t.true(!step.includes('class="why"') || step.indexOf('class="question"') < step.indexOf('class="why"'))
})

test('a handout says how its lab is done by hand', async (t) => {
  const byHand = [{ command: 'npm run lab up x', does: 'brings <it> up' }]
  const handout = handoutOf(fixtureEvents('outage'), 'out')
  t.true((await renderHandoutHtml(handout, { student: true, byHand })).includes('<code>npm run lab up x</code>'))
  t.true(renderHandoutMarkdown(handout, { student: true, byHand }).includes('- `npm run lab up x`: brings'))
})

test('a handout draws the network where it changed, and leaves that to be found by students', async (t) => {
  const handout = handoutOf(fixtureEvents('observed'), 'bridge-veth')
  t.is(renderHandoutMarkdown(handout, { student: false }).split('The network is now:').length, 3)
  t.true((await renderHandoutHtml(handout, { student: false })).includes('the network after step 3'))
  t.false(renderHandoutMarkdown(handout, { student: true }).includes('The network is now:'))
})

test('a run that did not pass makes no handout', (t) => {
  const story = buildStory(fixtureEvents('macvlan'))
  t.is(makeHandout(story, 'macvlan-modes'), 'macvlan-modes/vepa-reflected did not pass (failed)')
  t.is(makeHandout(story, 'bridge-veth'), 'the lab is not in it')
  t.is(makeHandout(buildStory(fixtureEvents('killed')), 'bridge-veth'), 'bridge-veth/default did not pass (error)')
})

test('mutations make no handout', (t) => {
  t.is(makeHandout(buildStory(fixtureEvents('mutations')), 'bridge-veth'), 'the lab is not in it')
})

test('steps that a variant shares with the first are not told again', (t) => {
  const events = fixtureEvents('macvlan').map((event): RunEvent => {
    return 'outcome' in event ? { ...event, outcome: 'passed' } : event
  })
  const { variants } = handoutOf(events, 'macvlan-modes')
  t.is(variants.length, 2)
  t.true((variants[1]?.asBefore ?? 0) > 0)
  t.false(variants[1]?.steps.some(({ name }) => name === "The host's own address"))
})
