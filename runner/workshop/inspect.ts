import { messageOf } from '../errors.ts'
import { isImpaired, renderImpairment } from '../events.ts'
import type { Impairment, Link, Variant } from '../lab/lab.ts'
import type { LabEvent } from '../lab/lab-event.ts'
import { renderEndpoint } from '../lab/text/endpoint.ts'
import type { ScopeEvent } from '../steps/scope-context.ts'
import type { StepContext } from '../steps/step-context.ts'
import type { Progress } from './session-state.ts'

/** How a lab is that is up: what the lab says of it, what happened since, and what its kernels say. */
export interface Inspection {
  readonly steps: readonly { readonly name: string; readonly isDone: boolean }[]
  readonly progress: Progress
  readonly nodes: readonly InspectedNode[]
  readonly cables: readonly InspectedCable[]
  readonly processes: readonly { readonly process: string; readonly node: string; readonly runs: boolean }[]
  /** What steps have kept of what their commands printed, by name. */
  readonly kept: Readonly<Record<string, string>>
  /** Outcomes of what was judged, by case name. */
  readonly verdicts: Readonly<Record<string, string>>
}

export interface InspectedNode {
  readonly name: string
  readonly namespaceOf?: string
  /** The address by which expectations know it. */
  readonly address?: string
  /** Why it does not run, or can't be asked; absent when it runs. */
  readonly trouble?: string
  /** Its interfaces, as its kernel tells. */
  readonly interfaces: readonly {
    readonly name: string
    readonly state: string
    readonly addresses: readonly string[]
  }[]
}

export interface InspectedCable {
  readonly ends: readonly { readonly endpoint: string; readonly mac: string; readonly isPlugged: boolean }[]
  /** How it is: `whole`, or what is wrong with it. */
  readonly state: string
}

/** What happened to cables, NICs and processes. */
export interface Changes {
  cables(): readonly { readonly link: Link; readonly state: string; isPlugged(endpoint: string): boolean }[]
  /** The node of each process that was started, by its id. */
  readonly processes: ReadonlyMap<string, string>
}

/** What came of a variant's cables, which are as it declares them but for what happened. */
export function changesOf({ links }: Variant, happened: readonly ScopeEvent[]): Changes {
  const faults = new Map<string, string>()
  const unplugged = new Set<string>()
  const impairments = new Map<string, Impairment>()
  const processes = new Map<string, string>()
  for (const { endpoints, unplugged: later = [], impairment, impairments: byEnd = {} } of links) {
    for (const end of later) unplugged.add(renderEndpoint(end))
    for (const end of endpoints.map(renderEndpoint)) {
      const own = byEnd[end] ?? impairment
      if (own !== undefined) impairments.set(end, own)
    }
  }
  const endsWith = (endpoint: string): readonly string[] => {
    const ends = links.find((link) => link.endpoints.some((end) => renderEndpoint(end) === endpoint))?.endpoints ?? []
    return ends.length > 2 ? [endpoint] : ends.map(renderEndpoint)
  }
  const noteEvent = (event: LabEvent) => {
    if (event.kind === 'machine') return
    const endpoint = renderEndpoint(event.endpoint)
    if (event.kind === 'impair') impairments.set(endpoint, event.impairment)
    else if (event.kind === 'nic') {
      if (event.state === 'plugged') unplugged.delete(endpoint)
      else unplugged.add(endpoint)
    } else {
      if (event.state === 'up') for (const end of endsWith(endpoint)) faults.delete(end)
      else if (event.state === 'down') faults.set(endpoint, `cut at ${endpoint}`)
      else faults.set(endpoint, `silent at ${endpoint}${event.direction === 'both' ? '' : ` (${event.direction})`}`)
    }
  }
  const stateOf = ({ endpoints }: Link) => {
    const ends = endpoints.map(renderEndpoint)
    const worse = ends.flatMap((end) => {
      const impairment = impairments.get(end)
      return impairment === undefined || !isImpaired(impairment)
        ? []
        : [`out of ${end}: ${renderImpairment(impairment)}`]
    })
    return [...ends.flatMap((end) => faults.get(end) ?? []), ...worse].join('; ') || 'whole'
  }
  for (const event of happened) {
    if (event.type === 'event-happened') noteEvent(event.event)
    if (event.type === 'process-started') processes.set(event.process, event.node)
    if (event.type === 'process-ended') processes.delete(event.process)
  }
  return {
    cables: () =>
      links.map((link) => ({ link, state: stateOf(link), isPlugged: (endpoint) => !unplugged.has(endpoint) })),
    processes,
  }
}

/** Looks at a lab that is up. What a machine can't tell is said of its nodes. */
export async function inspect(context: StepContext, changes: Changes, progress: Progress): Promise<Inspection> {
  const { variant, testbed, background, kept, verdicts } = context
  return {
    steps: variant.steps.map(({ name }, place) => ({ name, isDone: place < progress.done })),
    progress,
    nodes: await Promise.all(variant.nodes.map((node) => inspectNode(node, context))),
    cables: changes.cables().map(({ link, state, isPlugged }) => ({
      ends: link.endpoints.map((end) => ({
        endpoint: renderEndpoint(end),
        mac: testbed.macOf(end),
        isPlugged: isPlugged(renderEndpoint(end)),
      })),
      state,
    })),
    processes: [...changes.processes].map(([process, node]) => ({ process, node, runs: runs(background, process) })),
    kept: Object.fromEntries(kept),
    verdicts: Object.fromEntries(verdicts),
  }
}

function runs(background: StepContext['background'], process: string): boolean {
  try {
    return background.answer(process).exitCode === -1
  } catch {
    return false
  }
}

/** Asking goes on this long at the most. */
const askMs = 10_000

async function inspectNode(
  { name, namespaceOf, address }: Variant['nodes'][number],
  { nodes, testbed }: StepContext,
): Promise<InspectedNode> {
  const facts = {
    name,
    ...(namespaceOf === undefined ? {} : { namespaceOf }),
    ...(address === undefined ? {} : { address }),
  }
  const absence = testbed.absence(namespaceOf ?? name)
  if (absence !== undefined)
    return { ...facts, trouble: typeof absence === 'string' ? absence : `died: ${absence.reason}`, interfaces: [] }
  try {
    const { exitCode, stdout } = await nodes.run(name, ['ip', '-br', 'address'], { timeoutMs: askMs })
    // A namespace that no step has made yet.
    if (exitCode !== 0) return { ...facts, trouble: 'not there yet', interfaces: [] }
    return { ...facts, interfaces: parseAddresses(stdout) }
  } catch (error) {
    return { ...facts, trouble: messageOf(error), interfaces: [] }
  }
}

/** The lines of `ip -br address`: name, state, addresses. */
export const parseAddresses = (text: string): InspectedNode['interfaces'] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', state = '', ...addresses] = line.trim().split(/\s+/)
      return { name, state, addresses }
    })
