import { machineryError } from '../../errors.ts'
import { isImpaired } from '../../events.ts'
import type { Endpoint, Impairment, Variant } from '../../lab/lab.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import { impairNicScript } from '../../providers/guest/guest-scripts.ts'
import type { Testbed } from '../../providers/provider.ts'

/**
 * What a lab says of cables that is done in the machines at their ends: the kernel's netem makes frames late that leave
 * there, and NICs have an MTU.
 */
export interface Impairments {
  /** Does what the lab's links declare. */
  begin(): Promise<void>
  /** Sets the impairment of frames that leave at an endpoint; an empty one ends it. */
  set(endpoint: Endpoint, impairment: Impairment): Promise<void>
  /** Sets again what a machine lost that started anew. */
  renew(machine: string): Promise<void>
  /** Sets again what a machine's NICs lost when commands put them into another network namespace. */
  follow(machine: string): Promise<void>
  /** Notes that a NIC was plugged in or pulled out. What is set meanwhile holds from when it is in. */
  setPlugged(endpoint: Endpoint, plugged: boolean): Promise<void>
  /** What is known of them; can be written as JSON. */
  saved(): SavedImpairments
  /** Takes them for as they were, in machines that are as they were. */
  restore(saved: SavedImpairments): void
}

/** Impairments as they were at one moment. */
export interface SavedImpairments {
  readonly wanted: readonly { readonly endpoint: Endpoint; readonly impairment: Impairment }[]
  readonly unplugged: readonly string[]
  readonly settled: readonly (readonly [endpoint: string, namespace: string])[]
}

const changeMs = 30_000

/** The impairments of a variant's cables; nothing is done yet. */
export function impairmentsOf(variant: Variant, testbed: Testbed, signal: AbortSignal): Impairments {
  const wanted = new Map<string, { readonly endpoint: Endpoint; readonly impairment: Impairment }>()
  const unplugged = new Set<string>()
  for (const { endpoints, impairment: inAll, impairments = {}, unplugged: later = [] } of variant.links) {
    for (const endpoint of later) unplugged.add(renderEndpoint(endpoint))
    for (const endpoint of endpoints) {
      const name = renderEndpoint(endpoint)
      const impairment = impairments[name] ?? inAll
      if (impairment) wanted.set(name, { endpoint, impairment })
    }
  }

  const setMtus = mtusOf(variant, testbed, signal)
  /** Network namespaces in which the NICs are as they shall be. */
  const settled = new Map<string, string>()

  const apply = async (endpoint: Endpoint, impairment: Impairment, unless = '-') => {
    const { node } = endpoint
    const change = isImpaired(impairment) ? ['replace', ...netemOf(impairment)] : ['del']
    const { exitCode, stdout, stderr } = await testbed
      .machine(node)
      .run(['bash', '-e', '-c', impairNicScript, 'impair', testbed.macOf(endpoint), unless, ...change], {
        timeoutMs: changeMs,
        signal,
      })
    if (exitCode !== 0) throw machineryError(`cannot impair ${renderEndpoint(endpoint)}: ${stderr.trim()}`)
    settled.set(renderEndpoint(endpoint), stdout.trim())
  }
  const applyTo = async (machine: string | undefined, doesFollow = false) => {
    const meant = [...wanted].filter(
      ([name, { endpoint }]) => !unplugged.has(name) && (machine ?? endpoint.node) === endpoint.node,
    )
    await Promise.all(
      meant.map(([name, { endpoint, impairment }]) =>
        apply(endpoint, impairment, doesFollow ? settled.get(name) : '-'),
      ),
    )
  }

  return {
    async begin() {
      await setMtus((end) => !unplugged.has(renderEndpoint(end)))
      await applyTo(undefined)
    },
    async set(endpoint, impairment) {
      const name = renderEndpoint(endpoint)
      const before = wanted.has(name)
      if (!isImpaired(impairment)) wanted.delete(name)
      else wanted.set(name, { endpoint, impairment })
      if (!unplugged.has(name) && (before || isImpaired(impairment))) await apply(endpoint, impairment)
    },
    async renew(machine) {
      await setMtus((end) => end.node === machine && !unplugged.has(renderEndpoint(end)))
      await applyTo(machine)
    },
    follow: (machine) => applyTo(machine, true),
    async setPlugged(endpoint, plugged) {
      const name = renderEndpoint(endpoint)
      if (!plugged) unplugged.add(name)
      else {
        unplugged.delete(name)
        await setMtus((other) => renderEndpoint(other) === name)
        const { impairment } = wanted.get(name) ?? {}
        if (impairment !== undefined) await apply(endpoint, impairment)
      }
    },
    saved: () => ({ wanted: [...wanted.values()], unplugged: [...unplugged], settled: [...settled] }),
    restore: (saved) => restore(saved, { wanted, unplugged, settled }),
  }
}

interface Known {
  readonly wanted: Map<string, SavedImpairments['wanted'][number]>
  readonly unplugged: Set<string>
  readonly settled: Map<string, string>
}

function restore(saved: SavedImpairments, { wanted, unplugged, settled }: Known): void {
  for (const all of [wanted, unplugged, settled]) all.clear()
  for (const one of saved.wanted) wanted.set(renderEndpoint(one.endpoint), one)
  for (const name of saved.unplugged) unplugged.add(name)
  for (const [name, namespace] of saved.settled) settled.set(name, namespace)
}

/** Sets the MTU that a lab says of NICs, which were just plugged in: nobody has renamed or moved them yet. */
function mtusOf(variant: Variant, testbed: Testbed, signal: AbortSignal) {
  const mtus = variant.links.flatMap(({ endpoints, mtu }) =>
    mtu === undefined ? [] : endpoints.map((endpoint) => ({ endpoint, mtu })),
  )
  return async (isMeant: (endpoint: Endpoint) => boolean) => {
    const all = mtus.map(async ({ endpoint, mtu }) => {
      if (!isMeant(endpoint)) return
      const { exitCode, stderr } = await testbed
        .machine(endpoint.node)
        .run(['ip', 'link', 'set', 'dev', endpoint.nic, 'mtu', `${mtu}`], { timeoutMs: changeMs, signal })
      if (exitCode !== 0) throw machineryError(`cannot set the MTU of ${renderEndpoint(endpoint)}: ${stderr.trim()}`)
    })
    await Promise.all(all)
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
