import { fixtureEvents } from '../reports/fixtures/fixture.ts'
import { renderEvent } from '../reports/run/json-lines.ts'
import type { RunEvent } from '../runner/events.ts'

/** A run of `count` scopes as text of an events.jsonl, made of recorded ones over and over. */
export function manyScopes(count: number): string {
  const recorded = ['outcomes', 'macvlan', 'outage'].flatMap(scopesOf)
  const [started] = fixtureEvents('outcomes')
  if (started?.type !== 'run-started') throw new Error('the recorded run has no beginning')
  const copies = Array.from({ length: count }, (_, at) => {
    const scope = `lab-${at}/default`
    return { scope, events: (recorded[at % recorded.length] ?? []).map((event) => ({ ...event, scope })) }
  })
  const events: RunEvent[] = [
    { ...started, scopes: copies.map(({ scope }, at) => ({ scope, lab: `lab-${at}`, variant: 'default' })) },
    ...copies.flatMap((copy) => copy.events),
    { type: 'run-finished', at: 1_000_000, outcome: 'error', exitCode: 3, durationMs: 1_000_000 },
  ]
  return events.map(renderEvent).join('')
}

type Scoped = Extract<RunEvent, { scope: string }>

function scopesOf(name: string): Scoped[][] {
  const scoped = fixtureEvents(name).filter((event): event is Scoped => 'scope' in event && event.type !== 'progress')
  return [...Map.groupBy(scoped, ({ scope }) => scope).values()]
}
