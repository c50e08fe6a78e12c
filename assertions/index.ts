import { address } from './address.ts'
import type { Assertion } from './assertion.ts'
import { birdProtocol } from './bird-protocol.ts'
import { birdRoute } from './bird-route.ts'
import { bridgePort } from './bridge-port.ts'
import { connect } from './connect.ts'
import { conntrack } from './conntrack.ts'
import { counter } from './counter.ts'
import { dns } from './dns.ts'
import { frames } from './frames.ts'
import { frrRoute } from './frr-route.ts'
import { http } from './http.ts'
import { kernelCounter } from './kernel-counter.ts'
import { learnedMac } from './learned-mac.ts'
import { link } from './link.ts'
import { mdbEntry } from './mdb-entry.ts'
import { neighbour } from './neighbour.ts'
import { ospfNeighbour } from './ospf-neighbour.ts'
import { output } from './output.ts'
import { judgesWhole } from './parts/whole.ts'
import { ping } from './ping.ts'
import { printed } from './printed.ts'
import { reachability } from './reachability.ts'
import { route } from './route.ts'
import { transferRate } from './transfer-rate.ts'
import { vlan } from './vlan.ts'

/**
 * Each takes only what its own `parameters` schema has parsed: the type of these is forgotten here, so that the runner
 * can treat all alike.
 */
const all: Readonly<Record<string, Assertion<unknown>>> = {
  address,
  'bird-protocol': birdProtocol,
  'bird-route': birdRoute,
  'bridge-port': bridgePort,
  connect,
  conntrack,
  counter,
  dns,
  frames,
  'frr-route': frrRoute,
  http,
  'kernel-counter': kernelCounter,
  'learned-mac': learnedMac,
  link,
  'mdb-entry': mdbEntry,
  neighbour,
  'ospf-neighbour': ospfNeighbour,
  output,
  ping,
  printed,
  reachability,
  route,
  'transfer-rate': transferRate,
  vlan,
}

/** All kinds of claims, by the word that a lab file uses; none makes a verdict of half an answer. */
export const assertions: Readonly<Record<string, Assertion<unknown>>> = Object.fromEntries(
  Object.entries(all).map(([name, assertion]) => [name, judgesWhole(assertion)]),
)
