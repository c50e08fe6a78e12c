import type { Variant } from '../lab/lab.ts'
import { machineClock } from '../providers/machine-clock.ts'
import { backgroundOf } from './background/background.ts'
import { liveCaptures } from './captures/live-captures.ts'
import { impairmentsOf } from './events/impairments.ts'
import { nodesOf } from './nodes.ts'
import { realTimeOf } from './real-time.ts'
import { roundTripsOf } from './round-trips.ts'
import type { ScopeContext } from './scope-context.ts'
import type { StepContext } from './step-context.ts'

/** What the steps of a scope work with; nothing is done yet. `close` ends what watches and logs, and no machine. */
export function openSteps(scope: ScopeContext): { readonly context: StepContext; close(): void } {
  const { variant, testbed, signal } = scope
  const clock = machineClock(testbed)
  const nodes = nodesOf(variant, testbed, signal, clock)
  const context: StepContext = {
    ...scope,
    nodes,
    world: { addresses: addressesOf(variant) },
    clock,
    realTime: realTimeOf(variant.realTimeMs, clock.waits),
    roundTrips: roundTripsOf(variant),
    captures: liveCaptures(scope, nodes),
    background: backgroundOf(scope, nodes, clock),
    impairments: impairmentsOf(variant, testbed, signal),
    kept: new Map(),
    verdicts: new Map(),
    unasked: new Set(),
  }
  return {
    context,
    close() {
      context.background.close()
      clock.end()
    },
  }
}

/** The addresses by which expectations know nodes. */
export const addressesOf = ({ nodes }: Pick<Variant, 'nodes'>): Readonly<Record<string, string>> =>
  Object.fromEntries(nodes.flatMap(({ name, address }) => (address ? [[name, address]] : [])))
