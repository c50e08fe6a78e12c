import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { fixtureEvents, retriedEvents } from '../../reports/fixtures/fixture.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { isTrouble } from '../../reports/run/outcomes.ts'
import { buildStory } from '../../reports/run/story.ts'
import type { RunEvent } from '../events.ts'
import { readStory } from './read-story.ts'

/** Events as a run that planned so many more scopes has them. */
const planning = (events: readonly RunEvent[], more: number): RunEvent[] =>
  events.map((event) => {
    if (event.type !== 'run-started') return event
    const never = Array.from({ length: more }, (_, at) => ({ scope: `x/${at}`, lab: 'x', variant: `${at}` }))
    return { ...event, scopes: [...event.scopes, ...never] }
  })

function storyOf(events: readonly RunEvent[]) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-story-'))
  writeFileSync(join(folder, 'events.jsonl'), events.map(renderEvent).join(''))
  return { ...readStory(folder), end: () => rmSync(folder, { recursive: true }) }
}

for (const [name, given] of [
  ['outcomes', fixtureEvents('outcomes')],
  ['interleaved', fixtureEvents('interleaved')],
  ['retried', retriedEvents('outcomes')],
] as const)
  test(`of very many scopes, as in "${name}", those that did not pass are told whole, and others as outlines`, (t) => {
    const events = planning(given, 1000)
    const [read, built] = [storyOf(events), buildStory(events)]
    try {
      const kinds = new Set<boolean>()
      for (const [at, scope] of read.summary.scopes.entries()) {
        const same = built.summary.scopes[at]
        if (same === undefined || scope.started === undefined) continue
        t.is(scope.outcome, same.outcome)
        kinds.add(isTrouble(scope.outcome))
        const [told, whole] = [read.tell(scope), built.tell(same)]
        if (isTrouble(scope.outcome)) t.deepEqual(told, whole)
        else t.deepEqual([told.isOutline, told.steps.flatMap(({ commands }) => commands)], [true, []])
      }
      t.true(kinds.size > 0)
    } finally {
      read.end()
    }
  })

test('a run of few is told whole', (t) => {
  const read = storyOf(fixtureEvents('passed'))
  t.deepEqual(read.summary, buildStory(fixtureEvents('passed')).summary)
  t.false(read.summary.scopes.some((scope) => read.tell(scope).isOutline))
  read.end()
})
