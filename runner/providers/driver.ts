import type { NicEvent } from '../lab/lab-event.ts'
import type { PlannedMachine, PlannedNic } from '../plan.ts'
import type { NicState } from '../transports/agent-protocol.ts'
import type { Connection } from '../transports/transport.ts'
import type { Panic } from './panic-lines.ts'
import type { Machine, RunningCapture } from './provider.ts'
import type { NicOperations } from './wiring.ts'

/** A machine as its provider made it. */
export interface DrivenMachine {
  /** The way to run commands on it. */
  readonly connection: Connection
  /** Resolves with the cause, in words, when it has ended, for whatever reason. */
  readonly ended: Promise<string>
  /** Its kernel's panic, when that is what ended it. Without this nobody would know. */
  panic?(): Panic | undefined
  /** The last lines of its console; empty where nobody knows them. */
  consoleTail(): string
  /** Ends it at once, if it has not ended. */
  end(): Promise<void>
  /** Lets it stand still. */
  pause(): Promise<void>
  resume(): Promise<void>
  /**
   * Writes what it is to a new file while it stands still: of its memory what changed since it came up, or all of it
   * when it is to be `whole`. Absent where machines can't be saved.
   */
  save?(file: string, whole: boolean): Promise<SavedMachine>
  /** Lets those in who have what is then written down of it. To be called before all of it is saved. */
  admitOthers?(): Promise<void>
}

/** What is written down of a machine's file. */
export interface SavedMachine {
  readonly bytes: number
  /** What its provider must know to start it; JSON. */
  readonly facts: unknown
}

/** A capture as a provider takes it. */
export interface CableCapture extends RunningCapture {
  /** Its machine stands still. */
  standStill(): Promise<void>
  /** Its machine goes on. */
  goOn(): Promise<void>
}

/** The NICs that a machine starts with. */
export interface StartNics<N> {
  readonly plugged: readonly PlannedNic[]
  /**
   * Plugs them in, but for those that are `inside` it already, and sets all as their cables are now. Called before the
   * machine runs, where that can be. Returns their names.
   */
  wire(machine: N, inside?: readonly PlannedNic[]): Promise<readonly string[]>
  /** Hears what the machine does to them, from when they are wired on. */
  onNic(nic: NicState): void
}

/**
 * What a testbed asks of its provider, for one bring-up; `N` is what the provider works on NICs by. The testbed knows
 * which machines run, how they are wired and which of them died.
 */
export interface Driver<N extends object> {
  readonly cables: NicOperations<N>
  /** Called once, before the first machine starts. */
  begin?(): Promise<void>
  /**
   * Starts a machine, for the first time or after its end: with nothing of its former state, or as it was saved in a
   * file. Returns when it answers. What was made is gone again when it throws.
   */
  start(
    planned: PlannedMachine,
    nics: StartNics<N>,
    signal: AbortSignal,
    saved?: { readonly file: string; readonly facts: unknown },
  ): Promise<DrivenMachine>
  /** Called when all machines run, and again whenever one has started anew. */
  allStarted?(): void
  /** Does `change` to a NIC of a machine, and what the machine itself must do before and after. */
  changeNic?(event: NicEvent, machine: Machine, change: () => Promise<void>): Promise<void>
  /** Keeps every frame that passes a NIC in `file`, as pcap, until ended. */
  capture(machine: string, nic: PlannedNic, file: string): Promise<CableCapture>
  /** Why these machines' cables can't be captured, when all run; undefined when they can. */
  whyNoCaptures?(): Promise<string | undefined>
  /** The host's processes that machines run in, each with its machine, as far as they are known. */
  pids(): ReadonlyMap<number, string>
  /** Ends all machines and removes what belongs to them; their connections are closed. */
  remove(): Promise<void>
  /** Lets this process end without its machines; their connections are closed. */
  detach(): void
}
