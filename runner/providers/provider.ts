import type { Image } from '../image/image.ts'
import type { Endpoint } from '../lab/lab.ts'
import type { LabEvent, LinkEvent, MachineEvent, NicEvent } from '../lab/lab-event.ts'
import type { Plan } from '../plan.ts'
import type { Argv, CommandOptions, CommandResult, RunningCommand, Terminal } from '../transports/transport.ts'
import type { Accelerator, AcceleratorWish } from './accelerator.ts'
import type { Need } from './needs.ts'

export type { CommandOptions, CommandResult, RunningCommand } from '../transports/transport.ts'

/** Makes machines and cables. It holds nothing of a run: what machines have in common is said at each bring-up. */
export interface Provider {
  readonly name: string
  /** What its machines can do beside running. */
  readonly can: Abilities
  /** What it takes to have its machines, each of use only when those before it are there. */
  readonly needs: readonly Need[]
  /** Makes ahead of time what its machines would wait for. Absent where there is nothing of that kind. */
  prepare?(image: Image, options: PrepareOptions): Promise<{ readonly made: boolean }>
  /** Begins what `describe` would wait for, and says nothing of what fails. Absent where there is nothing of that kind. */
  lookAhead?(): void
  /**
   * Decides what machines will be made with.
   * @throws WirelabError of kind machinery when what is wished for does not work here
   */
  describe(options: DescribeOptions): Promise<MadeWith>
  /**
   * About how much of the host's memory the machines of a plan take, in MiB. Absent where they take none.
   */
  memoryMiB?(plan: Plan): number
  /**
   * Brings up all machines and cables of a plan. Whatever it made before it failed is gone again when it throws.
   * @throws WirelabError of kind machinery
   */
  bringUp(plan: Plan, options: BringUpOptions): Promise<Testbed>
  /** Labs whose machines were left up, the oldest first. */
  listKept(): Promise<readonly KeptLab[]>
  /** What runs that were killed leave on this host beside their runtime folders. Absent where nothing can be left. */
  readonly leftovers?: Leftovers
}

/** Yes, or why not; the remedy is the next best way. */
export type Ability = 'yes' | { readonly no: string; readonly remedy?: string }

export interface Abilities {
  /** Leave machines up when the run ends. */
  readonly keep: Ability
  /** Plug a NIC into a machine that runs, and pull it out. */
  readonly plugNics: Ability
  /** Capture frames on cables. */
  readonly capture: Ability
  /** Run machines of several images at the same time. */
  readonly images: Ability
}

export interface PrepareOptions {
  readonly signal: AbortSignal
  /** What is going on now, for people. */
  onProgress(message: string): void
}

export interface DescribeOptions {
  readonly image: Image
  readonly accelerator: AcceleratorWish
  readonly signal: AbortSignal
}

/** What a provider makes machines with. */
export interface MadeWith {
  readonly accelerator: Accelerator
  /** Version of the QEMU that runs them. */
  readonly qemu: string
}

/** What all machines of a run have in common. */
export interface MachineOptions {
  /** What machines boot of which no other image is said. */
  readonly image: Image
  /** As `describe` decided. */
  readonly accelerator: Accelerator
  /** Machines live on when this process ends. */
  readonly keep: boolean
  /** What is going on now, for people. */
  onProgress(message: string): void
}

/** What a bring-up has of its own, and who hears of its machines. */
export interface ScopeOptions {
  /** Folder for consoles and other logs of the machines; exists. */
  readonly logs: string
  readonly signal: AbortSignal
  /** What machines boot, by their names. */
  readonly images?: ReadonlyMap<string, Image>
  /** A machine answered its first command. */
  onReady(machine: string, durationMs: number): void
  /** A machine ended though nobody asked it to. */
  onDeath(machine: string, death: Death): void
  /** A file in `logs` could not be written to its end. */
  onLost?(file: string, cause: unknown): void
}

/** What a machine boots. */
export const imageOf = ({ image, images }: Pick<BringUpOptions, 'image' | 'images'>, machine: string): Image =>
  images?.get(machine) ?? image

/** How a machine ended though nobody asked it to. */
export interface Death {
  /** In words; the cause that the kernel gives, when it panicked. */
  readonly reason: string
  readonly panicked: boolean
  /** The last lines of its console; of a panic, the lines that tell of it. */
  readonly consoleTail: string
}

export interface BringUpOptions extends MachineOptions, ScopeOptions {}

/** A lab whose machines were left up. */
export interface KeptLab {
  readonly lab: string
  readonly variant: string
  /** ISO 8601, UTC. */
  readonly since: string
  /** A machine without a process is gone, or its process is not to be seen from here. */
  readonly machines: readonly { readonly name: string; readonly pid: number | undefined }[]
  /** The machine that holds each node: itself, or the one in which it is a namespace. */
  readonly nodes: Readonly<Record<string, string>>
  /** Why nobody may end its machines here and now, in words. */
  readonly untouchable?: string
  /** Its bring-up came to its end, so that there can be shells in its machines. */
  readonly isComplete: boolean
  /** Ends its machines. @throws WirelabError of kind machinery when some can't be ended, or are `untouchable` */
  end(): Promise<void>
  /** Joins the caller's terminal to a shell in a node. Returns the exit code. */
  interact(node: string): Promise<number>
  /** Runs a command on a machine, as Machine.run does. */
  run(machine: string, argv: Argv, options: CommandOptions): Promise<CommandResult>
}

/** What runs that were killed left on this host. */
export interface Leftovers {
  /** Where it is, in words: "libvirt". */
  readonly place: string
  /** The names of all that was left, for people. */
  find(): Promise<readonly string[]>
  /** Removes it. Returns the names of what there was. @throws WirelabError of kind machinery when some of it stays */
  remove(): Promise<readonly string[]>
}

/** How a machine is that does not run, because an event made it so. */
export type NotRunning = Exclude<MachineEvent['state'], 'running'>

/** Machines that answer, and cables between them. */
export interface Testbed {
  /**
   * A machine that runs.
   * @throws WirelabError of kind usage for a name that is none, of kind machinery when the machine does not run
   */
  machine(name: string): Machine
  /** Why a machine does not run: what an event made of it, or how it died. Undefined when it runs. */
  absence(name: string): NotRunning | Death | undefined
  /** The address that a NIC of the lab has from the beginning: by this it is found wherever its machine put it. */
  macOf(endpoint: Endpoint): string
  /** Keeps every frame that passes `endpoint` (`node:interface`) in `file`, as pcap, until ended. */
  captureCable(endpoint: string, file: string): Promise<RunningCapture>
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
  watchProcessorWaits(): ProcessorWatch
  /** Ends all machines and removes what belongs to them. Can be called twice; does not throw for what is gone. */
  tearDown(): Promise<void>
  /**
   * Leaves the machines up, when they were brought up to be kept, and lets this process end. Carriers are then as the
   * cables are, whatever machines do to their NICs.
   */
  detach(): Promise<void>
}

/** A capture that is being kept in a file. */
export interface RunningCapture {
  /**
   * Gives the frames that are in the file by now the host's clock. Returns how many bytes of the file have it: what is
   * written meanwhile lies behind them, by the clock of its machine.
   */
  settle(): Promise<number>
  /** Ends it; the file then has all its frames, by the host's clock. */
  end(): Promise<void>
  /** It ended before its time: frames until the last `settle` or `end` may be missing, for want of room. */
  isCut(): boolean
}

/** A watch on what machines wait for processors. */
export interface ProcessorWatch {
  /** For how long any machine waited until now, since the watch began. */
  stalledMs(): number
  /** When machines waited until now, in order and without overlaps. */
  waits(): readonly ProcessorWait[]
  /** Ends it, and returns these. */
  end(): readonly ProcessorWait[]
}

/** A time in which a machine waited for a processor; of several that did, the one that waited longest. */
export interface ProcessorWait extends TimeSpan {
  readonly machine: string
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
  start(argv: Argv, options: Partial<CommandOptions>): RunningCommand
  /**
   * Runs a command without a shell around it.
   * @throws WirelabError of kind machinery when the machine is dead or the connection breaks; never for an exit code
   */
  run(argv: Argv, options: CommandOptions): Promise<CommandResult>
  /** Calls a function of the machine's agent, as Connection.call does. @throws as `run` */
  call(name: string, words: readonly string[], timeoutMs: number): Promise<string>
  /** Joins a terminal, or else this process's, to a shell in the machine, or to `argv`. Returns the exit code. */
  interact(argv?: Argv, terminal?: Terminal): Promise<number>
}
