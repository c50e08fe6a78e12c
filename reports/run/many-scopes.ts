import type { RunEvent } from '../../runner/events.ts'

/** Of a run of more scopes than this, reports tell the details of those alone that did not pass. */
export const manyScopes = 1000

/**
 * The events of a run without the details of scopes that passed: what they did, and what was printed for their claims.
 * Those of a scope then stand together.
 */
export function withoutDetails(events: Iterable<RunEvent>): RunEvent[] {
  const kept: RunEvent[] = []
  const open = new Map<string, RunEvent[]>()
  for (const event of events) {
    const scope = 'scope' in event ? event.scope : undefined
    if (scope === undefined) {
      kept.push(event)
      continue
    }
    const own = open.get(scope) ?? []
    open.set(scope, own)
    own.push(event)
    if (event.type !== 'scope-finished') continue
    open.delete(scope)
    for (const one of own) if (event.outcome !== 'passed') kept.push(one)
    if (event.outcome === 'passed') kept.push(...own.flatMap(outline))
  }
  for (const own of open.values()) for (const one of own) kept.push(one)
  return kept
}

/** What is kept of an event of a scope that passed. */
function outline(event: RunEvent): RunEvent[] {
  if (event.type === 'case-finished') {
    const { cells: _, ...rest } = event
    return [{ ...rest, transcript: '' }]
  }
  return /^(scope-|capture-saved|file-fetched|record-lost)/.test(event.type) ? [event] : []
}
