import { machineryError } from '../../errors.ts'
import { isImpaired } from '../../event-values.ts'
import type { Endpoint, Impairment, Variant } from '../../lab/lab.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import type { Testbed } from '../../providers/provider.ts'

/** What makes cables worse than they are: the kernel's netem, in the machine at whose NIC the frames leave. */
export interface Impairments {
  /** Does what the lab's links declare. */
  begin(): Promise<void>
  /** Sets the impairment of frames that leave at an endpoint; an empty one ends it. */
  set(endpoint: Endpoint, impairment: Impairment): Promise<void>
  /** Sets again what was lost with a NIC or a machine: at all endpoints that are meant. */
  renew(isMeant: (endpoint: Endpoint) => boolean): Promise<void>
}

const tcMs = 30_000

/** The impairments of a variant's cables; nothing is done yet. */
export function impairmentsOf(variant: Variant, testbed: Testbed, signal: AbortSignal): Impairments {
  const wanted = new Map<string, { readonly endpoint: Endpoint; readonly impairment: Impairment }>()
  const unplugged = new Set<string>()
  for (const { endpoints, impairment, unplugged: later = [] } of variant.links) {
    for (const endpoint of later) unplugged.add(renderEndpoint(endpoint))
    for (const endpoint of endpoints) if (impairment) wanted.set(renderEndpoint(endpoint), { endpoint, impairment })
  }

  const apply = async (endpoint: Endpoint, impairment: Impairment) => {
    const { node, nic } = endpoint
    const change = isImpaired(impairment)
      ? ['replace', 'dev', nic, 'root', ...netemOf(impairment)]
      : ['del', 'dev', nic, 'root']
    const { exitCode, stderr } = await testbed
      .machine(node)
      .run(['tc', 'qdisc', ...change], { timeoutMs: tcMs, signal })
    if (exitCode !== 0) throw machineryError(`cannot impair ${renderEndpoint(endpoint)}: ${stderr.trim()}`)
  }
  const renew = async (isMeant: (endpoint: Endpoint) => boolean) => {
    const meant = [...wanted.values()].filter(({ endpoint }) => isMeant(endpoint))
    await Promise.all(meant.map(({ endpoint, impairment }) => apply(endpoint, impairment)))
  }

  return {
    begin: () => renew((endpoint) => !unplugged.has(renderEndpoint(endpoint))),
    async set(endpoint, impairment) {
      const name = renderEndpoint(endpoint)
      const before = wanted.has(name)
      if (!isImpaired(impairment)) wanted.delete(name)
      else wanted.set(name, { endpoint, impairment })
      if (before || isImpaired(impairment)) await apply(endpoint, impairment)
    },
    renew,
  }
}

/** See tc-netem(8). Its queue holds what is on the way: a thousand frames would be few on a long, fast cable. */
const netemOf = ({ delayMs, jitterMs, lossPercent, rate }: Impairment): string[] => [
  'netem',
  'limit',
  '10000',
  ...(delayMs === undefined ? [] : ['delay', `${delayMs}ms`]),
  ...(jitterMs === undefined ? [] : [`${jitterMs}ms`]),
  ...(lossPercent === undefined ? [] : ['loss', `${lossPercent}%`]),
  ...(rate === undefined ? [] : ['rate', rate]),
]
