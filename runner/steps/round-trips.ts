import type { Conclusion } from '../../assertions/assertion.ts'
import type { Variant } from '../lab/lab.ts'

/** The round trips that claims measured in a scope, by which is known how long an answer may take. */
export interface RoundTrips {
  /** The slowest since the network was last changed; undefined where none was measured, or none tells of others. */
  slowestMs(): number | undefined
  /** Takes what a claim measured. One that is not true may become so, and so the network is not at rest. */
  note(judgement: Conclusion): void
  /** The network is another one, or the host has become busy. */
  forget(): void
}

/**
 * What makes answers late by parts of a second though others come at once: impaired cables and other queueing
 * disciplines (tc(8), systemd.network(5)), the kernel's proxies, which answer ARP after up to 0.8 s (proxy_delay in
 * arp(7)), and programs through which packets pass.
 */
const delays =
  /\b(?:impair\w*|tc|qdisc|netem|NetworkEmulator|\w*proxy\w*|nfqueue|queue|tuntap|tunctl|openvpn|swanctl|ipsec|charon)\b/i

/** The round trips of a variant; none are told of one in which some words mean that answers come late. */
export function roundTripsOf(variant: Pick<Variant, 'links' | 'steps'>): RoundTrips {
  let slowestMs: number | undefined
  let isLate: boolean | undefined
  return {
    slowestMs() {
      if (slowestMs === undefined) return undefined
      isLate ??= textsIn([variant.links, variant.steps]).some((text) => delays.test(text))
      return isLate ? undefined : slowestMs
    },
    note({ verdict, roundTripMs }) {
      if (verdict !== 'passed') slowestMs = undefined
      else if (roundTripMs !== undefined) slowestMs = Math.max(roundTripMs, slowestMs ?? 0)
    },
    forget() {
      slowestMs = undefined
    },
  }
}

/** All texts in a value: names of fields, texts, and files as they are copied. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inside]) => [key, ...textsIn(inside)])
}
