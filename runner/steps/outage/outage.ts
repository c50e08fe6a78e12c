import type { OutageClaim } from '../../../assertions/outage/outage.ts'
import type { DeclaredCase } from '../../lab/lab.ts'
import type { LabEvent } from '../../lab/lab-event.ts'

/** A stream that flows while events happen. */
export interface Outage {
  /** The node that sends. */
  readonly from: string
  /** The address that it sends to. */
  readonly to: string
  /** The nodes that may receive: those that have the address, or will have it. At least one. */
  readonly at: readonly string[]
  readonly everyMs: number
  readonly while: readonly Meanwhile[]
  /** How long the stream has to recover after the last event. */
  readonly withinMs: number
  /** How long it is then watched. */
  readonly forMs: number
}

/** What happens while a stream flows. */
export type Meanwhile =
  | LabEvent
  | { readonly kind: 'run'; readonly node: string; readonly text: string }
  | { readonly kind: 'wait'; readonly durationMs: number }

/** What is claimed of a figure of the outage. */
export interface OutageCase extends DeclaredCase {
  readonly figure: OutageClaim
}
