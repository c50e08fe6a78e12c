import type { MachineReady, RunEvent, ScopeStarted } from '../events.ts'
import { type ScopeTimes, timeKey } from '../expected-time.ts'
import type { Outcome } from '../result.ts'

/**
 * How long each scope took that was judged, from when its machines began to start: what it waited for before depends on
 * what ran beside it. Without mutants, which are as many as there are commands and end with the first claim that fails,
 * and without trials of which steps were done for others.
 */
export function scopeTimesIn(events: Iterable<RunEvent>): ScopeTimes {
  const started = new Map<string, ScopeStarted>()
  const firstReady = new Map<string, MachineReady>()
  const times = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'scope-started') started.set(event.scope, event)
    else if (event.type === 'machine-ready' && !firstReady.has(event.scope)) firstReady.set(event.scope, event)
    else if (event.type === 'scope-finished' && !event.interrupted && isJudged(event.outcome)) {
      const [scope, ready] = [started.get(event.scope), firstReady.get(event.scope)]
      if (scope === undefined || ready === undefined || scope.mutation?.mutant !== undefined) continue
      if (event.beginning?.scope !== undefined) continue
      times.set(timeKey(scope.lab, scope.variant, scope.mutation?.name), event.at - ready.at + ready.durationMs)
    }
  }
  return times
}

const isJudged = (outcome: Outcome) => outcome === 'passed' || outcome === 'failed'
