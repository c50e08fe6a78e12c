import type { OutageClaim } from '../../assertions/outage/outage.ts'
import type { LabEvent } from '../steps/events/index.ts'

export type { LabEvent } from '../steps/events/index.ts'
export type { LinkEvent } from '../steps/events/link.ts'
export type { MachineEvent } from '../steps/events/machine.ts'
export type { NicEvent } from '../steps/events/nic.ts'

/** A lab as the rest of wirelab sees it: read, checked, every `{{value}}` filled in. Made by loadLab. */
export interface Lab {
  readonly name: string
  /** Absolute path of the lab's folder; nothing of the lab lies outside. */
  readonly folder: string
  /** Absolute path of the lab file. */
  readonly file: string
  readonly title: string
  readonly summary: string
  readonly errata: readonly Erratum[]
  /** At least one; a lab that declares none has one, named `default`. */
  readonly variants: readonly Variant[]
  readonly mutations: readonly Mutation[]
}

/** A mistake in older notes about the experiment. */
export interface Erratum {
  readonly notes: string
  readonly fails: string
  readonly works: string
}

/** The lab with one set of values. */
export interface Variant {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
  readonly nodes: readonly Node[]
  readonly links: readonly Link[]
  readonly steps: readonly Step[]
}

export interface Node {
  readonly name: string
  /** The machine in which this node is a network namespace; a machine itself when absent. */
  readonly namespaceOf?: string
  /** The address by which expectations know the node, without prefix length. The lab's steps assign it. */
  readonly address?: string
  /** Memory of a machine in MiB. */
  readonly memoryMiB?: number
}

export interface Endpoint {
  /** A machine. */
  readonly node: string
  /** The NIC's name in the machine. */
  readonly nic: string
}

export interface Link {
  readonly endpoints: readonly [Endpoint, Endpoint]
  /** Ends whose NIC is not in its machine when the lab begins. */
  readonly unplugged?: readonly Endpoint[]
  /** Of the frames in each direction. */
  readonly impairment?: Impairment
}

/** How much worse than it is a cable is made. Empty: not at all. */
export interface Impairment {
  readonly delayMs?: number
  /** How much the delay varies, up and down. */
  readonly jitterMs?: number
  readonly lossPercent?: number
  /** As tc(8) writes it: 10mbit. */
  readonly rate?: string
}

/**
 * Done in this order: captures start, files are copied, the background process starts, commands run, events happen, an
 * outage is measured, a process is stopped, expectations are judged, captures end.
 */
export interface Step {
  /** Place in the lab's list of steps, counted from 0, also when variants leave steps out. */
  readonly index: number
  readonly name: string
  readonly id?: string
  readonly why?: string
  readonly node?: string
  /** Path in the node to text or bytes of a file of the lab. */
  readonly copies: readonly Copy[]
  /** A process that goes on when the step is done. */
  readonly start?: BackgroundDeclaration
  readonly run?: Script
  readonly events: readonly LabEvent[]
  readonly outage?: Outage
  /** Id of a background process to end. */
  readonly stop?: string
  readonly captures: readonly CaptureDeclaration[]
  readonly expectations: readonly Expectation[]
  readonly source: Source
}

/** A stream that flows while events happen, and what is claimed of it. */
export interface Outage {
  /** The node that sends. */
  readonly from: string
  /** The address that it sends to. */
  readonly to: string
  /** The nodes that may receive: those that have the address, or will have it. At least one. */
  readonly at: readonly string[]
  readonly everyMs: number
  readonly while: readonly OutageDeed[]
  /** How long the stream has to recover after the last event. */
  readonly withinMs: number
  /** How long it is then watched. */
  readonly forMs: number
  readonly expectations: readonly OutageExpectation[]
}

/** What happens while a stream flows. */
export type OutageDeed =
  | LabEvent
  | { readonly kind: 'run'; readonly node: string; readonly text: string }
  | { readonly kind: 'wait'; readonly durationMs: number }

export interface OutageExpectation {
  /** Unique in the variant: "<step name>: <claim>". */
  readonly caseName: string
  readonly claim: OutageClaim
  readonly words: string
  readonly question: string
  readonly source: Source
}

export interface Copy {
  /** Absolute path in the node's machine. */
  readonly to: string
  /** The file in the lab's folder, relative to it. */
  readonly from: string
  /** The file's bytes; text files have their `{{values}}` filled in. */
  readonly content: Uint8Array
}

export interface Script {
  /** Shell commands, one or more lines. */
  readonly text: string
  readonly timeoutMs: number
  /** When set, the script must exit non-zero and print this text; that is a case of its own. */
  readonly refused?: string
  /** That case's name, unique in the variant: "<step name>: is refused". There exactly when `refused` is. */
  readonly refusedCaseName?: string
}

/** A process of a node that runs while the lab goes on. */
export interface BackgroundDeclaration {
  readonly id: string
  /** Shell commands. */
  readonly text: string
  /** It is ready when its output contains this; and when something listens on the port. */
  readonly ready?: string
  readonly readyPort?: number
  readonly withinMs: number
}

/** Frames are kept while the step runs, until its expectations are judged, or until the end of a later step. */
export interface CaptureDeclaration {
  readonly name: string
  readonly node: string
  /** Interface in the node. */
  readonly nic: string
  /** `cable` takes frames off the cable outside the machine; `nic` runs tcpdump in the node. */
  readonly where: 'cable' | 'nic'
  /** Index of the last step that it keeps frames of; the step that has it when absent. */
  readonly until?: number
}

export interface Expectation {
  /** Unique in the variant: "<step name>: <claim>". */
  readonly caseName: string
  /** A key of the table of assertions. */
  readonly assertion: string
  /** Valid for the assertion's `parameters` schema, `within` and `for` taken out. */
  readonly parameters: unknown
  /** Claim in words. */
  readonly claim: string
  /** What the lab calls it in place of the claim. */
  readonly name?: string
  /** What a handout asks in the claim's place. */
  readonly question: string
  /** How long it has to become true. */
  readonly withinMs: number
  /** How long it must then stay true. */
  readonly forMs: number
  readonly source: Source
}

/** A deliberate mistake, and the cases that must fail for it. */
export interface Mutation {
  readonly name: string
  readonly trials: readonly Trial[]
  readonly source: Source
}

/** A mutation in one variant. */
export interface Trial {
  /** The variant with the mistake made. */
  readonly variant: Variant
  /** Index of the first step that the mistake changes; every case before it must still pass. */
  readonly changedAt: number
  /** Case names that must fail. */
  readonly caughtBy: readonly string[]
}

/** A place in a file, counted from 1. */
export interface Source {
  readonly file: string
  readonly line: number
  readonly column: number
}
