import type { Judgement } from '../assertion.ts'
import * as common from './parameters.ts'
import { phrase } from './phrase.ts'
import { judged } from './verdict.ts'

/** A route that a routing daemon has. */
export interface DaemonRoute {
  readonly protocol: string
  /** Empty where it is not told, or "unicast". */
  readonly kind: string
  readonly chosen: boolean
  readonly hops: readonly { readonly via?: string | undefined; readonly dev?: string | undefined }[]
}

/** What all claims of a daemon's route may say. */
export const routeKeys = {
  to: common.prefix.describe('The prefix, as "10.0.9.0/24".'),
  via: common.ipAddress.optional().describe('The next hop of the route that the daemon chose.'),
  dev: common.nicName.optional().describe('The interface of the route that the daemon chose.'),
  is: common.presence.describe('Whether the daemon has chosen such a route.'),
}

/** What is claimed of a daemon's route. */
export interface WantedRoute {
  readonly to: string
  readonly via?: string | undefined
  readonly dev?: string | undefined
  readonly protocol?: string | undefined
  readonly is: 'present' | 'absent'
}

/** The claim in words, as "a route to 10.0.9.0/24 via 10.0.1.2 from ospf1". */
export const renderWanted = ({ to, via, dev, protocol, is }: WantedRoute): string =>
  `${is === 'present' ? 'a' : 'no'} route to ${to}${phrase(' via ', via)}${phrase(' dev ', dev)}${phrase(' from ', protocol)}`

/** Judges the routes to the wanted prefix that a daemon, named by `who`, has: those that it chose count. */
export function judgeChosen(who: string, wanted: WantedRoute, routes: readonly DaemonRoute[]): Judgement {
  const { to, via, dev, protocol, is } = wanted
  const chosen = routes.filter((route) => route.chosen)
  const there = chosen.some(
    (route) =>
      (protocol === undefined || route.protocol === protocol) &&
      ((via === undefined && dev === undefined) ||
        route.hops.some(
          (hop) => (via === undefined || common.sameAddress(hop.via, via)) && (dev ?? hop.dev) === hop.dev,
        )),
  )
  const list = chosen.map(renderRoute).join(' and ')
  return judged(
    there === (is === 'present'),
    `${who} has ${list === '' ? `no route to ${to}` : `a route to ${to} ${list}`}`,
  )
}

function renderRoute({ protocol, kind, hops }: DaemonRoute): string {
  const ways = hops.map(({ via, dev }) => [phrase('via ', via), phrase('dev ', dev)].filter(Boolean).join(' '))
  return [kind === 'unicast' ? '' : kind, ways.filter(Boolean).join(' and '), `from ${protocol}`]
    .filter(Boolean)
    .join(' ')
}
