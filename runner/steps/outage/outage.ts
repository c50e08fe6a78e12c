import type { OutageClaim } from '../../../assertions/outage/outage.ts'
import type { DeclaredCase } from '../../lab/lab.ts'
import type { LabEvent } from '../../lab/lab-event.ts'

/** A stream that flows, or requests that are made, while events happen. */
export interface Outage {
  /** What is asked; absent for a stream of datagrams. */
  readonly request?: Request
  /** The node that sends, or asks. */
  readonly from: string
  /** The address that it sends to. */
  readonly to: string
  /** The nodes that may receive: those that have the address, or will have it. None for requests: who asks knows. */
  readonly at: readonly string[]
  readonly everyMs: number
  readonly while: readonly Meanwhile[]
  /** How long it has to recover after the last event. */
  readonly withinMs: number
  /** How long it is then watched. */
  readonly forMs: number
}

/** What is asked of a server, again and again. */
export interface Request {
  readonly kind: 'tcp' | 'http' | 'dns'
  readonly port: number
  /** The path or the name that is asked for; empty for a connection. */
  readonly wanted: string
}

/** A request in a few words: TCP 22, HTTP :8080/x. */
export function renderRequest({ kind, port, wanted }: Request): string {
  const isUsual = port === (kind === 'http' ? 80 : 53)
  if (kind === 'tcp') return `TCP ${port}`
  if (kind === 'http') return `HTTP ${isUsual ? '' : `:${port}`}${wanted}`
  return `DNS ${wanted}${isUsual ? '' : ` at port ${port}`}`
}

/** What happens meanwhile. */
export type Meanwhile =
  | LabEvent
  | { readonly kind: 'run'; readonly node: string; readonly text: string }
  | { readonly kind: 'wait'; readonly durationMs: number }
  /** The case of that place among those of the outage is judged. */
  | { readonly kind: 'expect'; readonly at: number }

/** What is claimed of a figure of the outage. */
export interface OutageCase extends DeclaredCase {
  readonly figure: OutageClaim
}
