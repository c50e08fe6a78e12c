import type { World } from '../../assertions/assertion.ts'
import type { MachineClock } from '../providers/machine-clock.ts'
import type { Outcome } from '../result.ts'
import type { Background } from './background/background.ts'
import type { LiveCaptures } from './captures/live-captures.ts'
import type { Impairments } from './events/impairments.ts'
import type { Nodes } from './nodes.ts'
import type { RealTime } from './real-time.ts'
import type { RoundTrips } from './round-trips.ts'
import type { ScopeContext } from './scope-context.ts'

/** All that the steps of one scope work with. */
export interface StepContext extends ScopeContext {
  readonly nodes: Nodes
  readonly world: World
  /** Counts the time in which machines could run. */
  readonly clock: MachineClock
  /** What pauses of machines make of claims. */
  readonly realTime: RealTime
  /** How long answers took. */
  readonly roundTrips: RoundTrips
  /** When the scene of a measurement was set, while one is made; by the host's clock. */
  readonly sceneMs?: number
  readonly captures: LiveCaptures
  readonly background: Background
  readonly impairments: Impairments
  /** What steps have kept of what their commands printed, by name. */
  readonly kept: Map<string, string>
  /** Verdicts by case name, as they come. */
  readonly verdicts: Map<string, Outcome>
  /** Cases that could not be judged because of a state in which the lab itself left a machine. */
  readonly unasked: Set<string>
}
