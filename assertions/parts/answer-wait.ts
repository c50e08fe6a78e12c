import type { World } from '../assertion.ts'
import { isIpv6 } from './parameters.ts'

/** How long an answer is waited for that must not come, where nothing shows that less is enough. */
export const fullWaitMs = 1000

/** So many times as long as the slowest round trip: its pings were answered by other nodes, perhaps over fewer hops. */
const roundTrips = 20

/**
 * The least wait. Under emulation a machine meets code for the first time on the way of a packet, which costs it some
 * ten milliseconds, and so may all machines that the packet passes.
 */
const leastMs = 300

/**
 * Returns how long a node waits for an answer of an address that must not come, in milliseconds. By IPv6 the full time:
 * an address answers only when duplicate address detection is over, a second after it was set (RFC 4862).
 */
export const answerWaitMs = (address: string, { slowestRoundTripMs, longerMs = 0 }: Partial<World>): number =>
  slowestRoundTripMs === undefined || isIpv6(address)
    ? fullWaitMs + longerMs
    : Math.min(Math.max(Math.ceil(roundTrips * slowestRoundTripMs), leastMs), fullWaitMs)

/** How long a TCP connection may take to open. */
const openMs = 3000

/**
 * Returns how long TCP is given to open a connection, in milliseconds. It asks again after a second (RFC 6298), so that
 * one lost packet is not taken for silence: where nothing must come, the answer to that is waited for too. The address
 * is undefined where only the node knows it.
 */
export function tcpWaitMs(mustNotCome: boolean, address: string | undefined, world: Partial<World>): number {
  const waitMs = address === undefined ? fullWaitMs : answerWaitMs(address, world)
  return mustNotCome && waitMs < fullWaitMs ? 1000 + waitMs : openMs + (world.longerMs ?? 0)
}
