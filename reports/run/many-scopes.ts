import type { RunEvent } from '../../runner/events.ts'

/** Of a run of more scopes than this, what was printed is read again for those scopes alone that did not pass. */
export const manyScopes = 1000

/**
 * Returns a function that leaves of an event what its run comes to, without what was printed for a claim. What many
 * events say alike is kept once.
 */
export function createOutliner(): (event: RunEvent) => RunEvent {
  const texts = new Map<string, string>()
  const values = new Map<string, unknown>()
  const share = <T>(value: T): T => known(values, JSON.stringify(value), value) as T
  const shareTexts = <E extends RunEvent>(event: E): E => {
    const fields = event as unknown as Record<string, unknown>
    for (const key in fields) {
      const value = fields[key]
      if (typeof value === 'string') fields[key] = known(texts, value, value)
    }
    return event
  }
  return (event) => {
    if (event.type === 'case-finished') {
      const { cells: _, asked: __, ...rest } = event
      return shareTexts({ ...rest, transcript: '' })
    }
    if (event.type !== 'scope-started') return event
    const { topology, cases, images } = event
    const shared = { topology: share(topology), cases: share(cases), ...(images && { images: share(images) }) }
    return shareTexts({ ...event, ...shared })
  }
}

function known<T>(all: Map<string, T>, key: string, value: T): T {
  const found = all.get(key)
  if (found === undefined) all.set(key, value)
  return found ?? value
}
