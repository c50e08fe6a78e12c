import type { LabEvent, LinkEvent, MachineEvent, NicEvent } from '../lab/lab.ts'
import type { Plan } from '../plan.ts'
import type { CommandOptions, CommandResult, RunningCommand } from '../transports/transport.ts'

export type { CommandOptions, CommandResult, RunningCommand } from '../transports/transport.ts'

/** Makes machines and cables. */
export interface Provider {
  readonly name: string
  /**
   * Brings up all machines and cables of a plan. Whatever it made before it failed is gone again when it throws.
   * @throws WirelabError of kind machinery
   */
  bringUp(plan: Plan, options: BringUpOptions): Promise<Testbed>
}

export interface BringUpOptions {
  /** Folder for consoles and other logs of the machines; exists. */
  readonly logs: string
  readonly signal: AbortSignal
  /** A machine answered its first command. */
  onReady(machine: string, durationMs: number): void
  /** A machine ended though nobody asked it to. */
  onDeath(machine: string, reason: string, consoleTail: string): void
}

/** Machines that answer, and cables between them. */
export interface Testbed {
  machine(name: string): Machine
  /** Keeps every frame that passes `endpoint` (`node:interface`) in `file`, as pcap, until ended. */
  captureCable(endpoint: string, file: string): Promise<{ end(): Promise<void> }>
  /** Why no cable can be captured; absent when it can. */
  readonly noCaptures?: string
  /** Why this provider can't make such an event happen; undefined when it can. */
  unsupported(event: LabEvent): string | undefined
  /** Lets a cable fail, or mends it. @throws WirelabError of kind machinery */
  setLink(event: LinkEvent): Promise<void>
  /**
   * Lets a machine fail, or brings it back; a machine that starts anew answers when this is done. Its end is no death.
   * @throws WirelabError of kind machinery
   */
  setMachine(event: MachineEvent): Promise<void>
  /** Plugs a NIC in or pulls it out, and waits until the machine knows. @throws WirelabError of kind machinery */
  setNic(event: NicEvent): Promise<void>
  /**
   * Watches until ended for times in which a machine waited for a processor of the host, so that what it did late is
   * not taken for the network's doing. Returns none where the host does not say.
   */
  watchProcessorWaits(): { end(): readonly TimeSpan[] }
  /** Ends all machines and removes what belongs to them. Can be called twice; does not throw for what is gone. */
  tearDown(): Promise<void>
  /** Leaves the machines up, when they were brought up to be kept, and lets this process end. */
  detach(): void
}

/** By the host's clock, milliseconds since 1970. */
export interface TimeSpan {
  readonly fromMs: number
  readonly untilMs: number
}

/** A machine that is up. */
export interface Machine {
  readonly name: string
  /** Starts a command without a shell around it; it has no time limit unless `timeoutMs` is given. */
  start(argv: readonly [string, ...string[]], options: Partial<CommandOptions>): RunningCommand
  /**
   * Runs a command without a shell around it.
   * @throws WirelabError of kind machinery when the machine is dead or the connection breaks; never for an exit code
   */
  run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult>
  /** Joins the caller's terminal to a shell in the machine, or to `argv`. Returns the exit code. */
  interact(argv?: readonly [string, ...string[]]): Promise<number>
}
