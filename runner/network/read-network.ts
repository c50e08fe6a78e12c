import { messageOf } from '../errors.ts'
import type { ObservedMachine } from '../events.ts'
import type { Variant } from '../lab/lab.ts'
import { renderEndpoint } from '../lab/text/endpoint.ts'
import { showNetworkScript } from '../providers/guest/guest-scripts.ts'
import type { Testbed } from '../providers/provider.ts'
import type { CommandOptions, CommandResult } from '../transports/transport.ts'
import { type EndpointOf, parseNetwork } from './parse-network.ts'

/** Asking goes on this long at the most. */
const askMs = 10_000

/** Asks each machine of a variant that runs for its network. @throws the signal's reason when aborted */
export function readNetwork(
  { nodes, links }: Variant,
  testbed: Pick<Testbed, 'machine' | 'absence' | 'macOf'>,
  signal: AbortSignal,
): Promise<readonly ObservedMachine[]> {
  const endpoints = new Map(
    links.flatMap((link) => link.endpoints.map((end) => [testbed.macOf(end), renderEndpoint(end)] as const)),
  )
  const machines = nodes.filter(({ namespaceOf }) => namespaceOf === undefined)
  return Promise.all(
    machines.map(async ({ name }): Promise<ObservedMachine> => {
      const absence = testbed.absence(name)
      if (absence !== undefined)
        return { name, namespaces: [], trouble: typeof absence === 'string' ? absence : `died: ${absence.reason}` }
      return askMachine(name, testbed.machine(name), (mac) => endpoints.get(mac), signal)
    }),
  )
}

/** Asks a machine for its network: one command in it. @throws the signal's reason when aborted */
export async function askMachine(
  name: string,
  machine: { run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult> },
  endpointOf: EndpointOf,
  signal: AbortSignal,
): Promise<ObservedMachine> {
  try {
    const { stdout, timedOut } = await machine.run(['bash', '-c', showNetworkScript], { timeoutMs: askMs, signal })
    const namespaces = parseNetwork(stdout, endpointOf)
    if (namespaces !== undefined) return { name, namespaces }
    return { name, namespaces: [], trouble: timedOut ? 'did not answer in time' : 'gave no whole answer' }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return { name, namespaces: [], trouble: messageOf(error) }
  }
}
