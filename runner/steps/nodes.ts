import { missingNamespace } from '../../assertions/parts/answer.ts'
import { machineryError, stateError } from '../errors.ts'
import type { Clock } from '../host/deadline.ts'
import type { Variant } from '../lab/lab.ts'
import type { CommandOptions, CommandResult, Machine, RunningCommand, Testbed } from '../providers/provider.ts'
import type { Argv } from '../transports/transport.ts'
import { withoutShell } from './without-shell.ts'

/** The nodes of a lab that is up: commands reach a namespace through the machine that holds it. */
export interface Nodes {
  /**
   * Runs a command on a node, by no other shell than it names, and without that where it would only pass it on.
   * @throws as Machine.run, when there is no such node, and the reason of the scope's signal when that is aborted
   */
  run(node: string, argv: Argv, options: Omit<CommandOptions, 'signal'>): Promise<CommandResult>
  /** Starts a command on a node that runs while others do. */
  start(node: string, argv: Argv, options: Partial<CommandOptions>): RunningCommand
  /** The machine that a node is, or is in. */
  machineOf(node: string): Machine
  /** The arguments with which the node's machine runs a command on the node. */
  argvOn(node: string, argv: Argv): Argv
}

/** A fault of a command on a node, by its standard error: one of the lab where the node's namespace is not there. */
export const nodeError = (message: string, stderr: string): Error =>
  missingNamespace(stderr) === undefined ? machineryError(message) : stateError(message)

/**
 * Programs of iproute2 that enter a namespace as `ip netns exec` does, with the same function (netns_switch in
 * lib/namespace.c), before they do what they are asked: that spares a process image for each command.
 */
const entersByItself: ReadonlySet<string> = new Set(['ip', 'bridge', 'tc'])

/** Finds the way to each node of a variant; `signal` is that of the scope, limits are counted by `clock`. */
export function nodesOf(
  variant: Pick<Variant, 'nodes'>,
  testbed: Pick<Testbed, 'machine'>,
  signal: AbortSignal,
  clock?: Clock,
): Nodes {
  const holders = new Map(variant.nodes.map((node) => [node.name, node.namespaceOf]))
  const machineOf = (node: string) => testbed.machine(holders.get(node) ?? node)
  const argvOn = (node: string, argv: Argv): Argv =>
    holders.get(node) === undefined ? argv : ['ip', 'netns', 'exec', node, ...argv]
  const quickly = (node: string, argv: Argv) => {
    const direct = withoutShell(argv)
    return holders.get(node) !== undefined && entersByItself.has(direct[0])
      ? ([direct[0], '-netns', node, ...direct.slice(1)] as const)
      : argvOn(node, direct)
  }
  const timed = clock === undefined ? {} : { clock }
  return {
    machineOf,
    argvOn,
    run: (node, argv, options) => machineOf(node).run(quickly(node, argv), { ...options, signal, ...timed }),
    start: (node, argv, options) => machineOf(node).start(quickly(node, argv), { ...options, ...timed }),
  }
}
