import type { LabEvent } from './lab-event.ts'
import type { KnownImage } from './parts/find-lacks.ts'
import type { Diagnostic } from './text/diagnostics.ts'

/** A lab as the rest of wirelab sees it: read, checked, every `{{value}}` filled in. Made by loadLab. */
export interface Lab {
  readonly name: string
  /** Absolute path of the lab's folder; what it copies may lie elsewhere in the repository around it. */
  readonly folder: string
  /** Absolute path of the lab file. */
  readonly file: string
  /** Absolute paths of the files that it includes. */
  readonly included: readonly string[]
  /** Absolute paths of the files that its steps copy, and of the folders that these lie in where a folder is copied. */
  readonly copied: readonly string[]
  readonly title: string
  /** Under which the list of labs has it. */
  readonly chapter?: string
  /** By which labs are chosen. */
  readonly tags: readonly string[]
  readonly summary: string
  readonly errata: readonly Erratum[]
  /** At least one; a lab that declares none has one, named `default`. */
  readonly variants: readonly Variant[]
  readonly mutations: readonly Mutation[]
  /**
   * Returns the mutants of the lab, which are made by machine at the first call.
   * @throws WirelabError of kind usage when there are too many
   */
  makeMutants(): readonly Mutant[]
  /** Returns a warning for each program that an image lacks; `imageOf` tells of those of machines, where known. */
  findLacks(imageOf: (variant: Variant, machine: string) => KnownImage | undefined): readonly Diagnostic[]
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
  /** What is asked of all its machines. */
  readonly machines?: MachineWish
  /** The longest pause of a machine that its protocols bear; any when absent. */
  readonly realTimeMs?: number
  readonly steps: readonly Step[]
  /** One for each machine. */
  readonly crashCases: readonly CrashCase[]
}

export interface Node {
  readonly name: string
  /** The machine in which this node is a network namespace; a machine itself when absent. */
  readonly namespaceOf?: string
  /** The address by which expectations know the node, without prefix length. The lab's steps assign it. */
  readonly address?: string
  /** Memory of a machine in MiB. */
  readonly memoryMiB?: number
  /** How many processors a machine has; one when absent. */
  readonly cpus?: number
  /** What is asked of this machine beside what is asked of all. */
  readonly machine?: MachineWish
}

/** What is asked of the image of a machine. */
export interface MachineWish {
  /** The name of its recipe. */
  readonly image?: string
  /** Packages that it must have beside those of its recipe. */
  readonly packages: readonly string[]
  /** All of them must be met. */
  readonly requires: readonly Requirement[]
}

/** What an image must have. */
export interface Requirement {
  /** Comparisons with versions, a blank between them: `>=6.1 <6.12`. */
  readonly kernel?: string | undefined
  readonly modules?: readonly string[] | undefined
  readonly commands?: readonly string[] | undefined
}

export interface Endpoint {
  /** A machine. */
  readonly node: string
  /** The NIC's name in the machine. */
  readonly nic: string
}

/** A cable between two NICs, or a hub that joins more. */
export interface Link {
  /** At least two. */
  readonly endpoints: readonly Endpoint[]
  /** Ends whose NIC is not in its machine when the lab begins. */
  readonly unplugged?: readonly Endpoint[]
  /** MTU of the NICs, in bytes; as the kernel gives it when absent. */
  readonly mtu?: number
  /** Addresses of NICs, by `node:interface`; the others have those of the plan. Lower case, colons. */
  readonly macs?: Readonly<Record<string, string>>
  /** Of the frames in each direction. */
  readonly impairment?: Impairment
  /** In its place, of the frames that leave at an end: by `node:interface`. */
  readonly impairments?: Readonly<Record<string, Impairment>>
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

/** Captures start, what the step does is done in order, expectations are judged, captures end. */
export interface Step {
  /** Place in the lab's list of steps, counted from 0, also when variants leave steps out. */
  readonly index: number
  readonly name: string
  readonly id?: string
  readonly why?: string
  /** What a handout asks in place of what its claims do, and answers. */
  readonly question?: string
  readonly answer?: string
  readonly node?: string
  /** What is done, in this order. */
  readonly actions: readonly StepAction[]
  readonly captures: readonly CaptureDeclaration[]
  readonly expectations: readonly Expectation[]
  readonly source: Source
}

/** Something that a step does, read and checked. */
export interface StepAction<V = unknown, C extends DeclaredCase = DeclaredCase> {
  /** Which of the table of actions it is. */
  readonly key: string
  /** What that action made of the lab file. */
  readonly value: V
  /** What is claimed of it, and judged while it is done. */
  readonly cases: readonly C[]
}

/** Something that is claimed of a step, and judged as a test case of its own. */
export interface DeclaredCase {
  /** Unique in the variant: "<step name>: <claim>". */
  readonly caseName: string
  /** What the lab calls it; the claim in words where it gives no name. */
  readonly claim: string
  /** The kind of claim: a key of the table of assertions, or what an action judges itself. */
  readonly assertion: string
  /** The claim in words. */
  readonly wanted: string
  /** What a handout asks in the claim's place. */
  readonly question: string
  /** What it answers, where the lab says that. */
  readonly answer?: string
  readonly source: Source
}

/** The claim that nothing crashed on a machine but what is expected to; judged when all steps are done. */
export interface CrashCase extends DeclaredCase {
  readonly machine: string
  /** Each of them must crash. */
  readonly expected: readonly ExpectedCrash[]
}

/** What crashes on purpose. */
export interface ExpectedCrash {
  /** A program, a unit or a background process; anything when absent. */
  readonly what?: string
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

/** A claim that an assertion judges when all is done. */
export interface Expectation extends DeclaredCase {
  /** Valid for the assertion's `parameters` schema, `within` and `for` taken out. */
  readonly parameters: unknown
  /** Values that are kept when the lab runs are to be filled in, and to be checked, before it is judged. */
  readonly holdsKept?: true
  /** How long it has to become true. */
  readonly withinMs: number
  /** How long it must then stay true. */
  readonly forMs: number
}

/** A deliberate mistake, and the cases that must fail for it. */
export interface Mutation {
  readonly name: string
  readonly trials: readonly Trial[]
  readonly source: Source
}

/** A small change of the lab, made by machine, that some claim should notice. */
export interface Mutant {
  /** Unique in the lab, and the same as long as what it changes is. */
  readonly name: string
  readonly kind: MutantKind
  /** What is changed, in words. */
  readonly change: string
  readonly place: MutantPlace
  /** The variants in which it changes something; at least one. No case is named that must catch it: any may. */
  readonly trials: readonly Trial[]
  /** Why no claim can notice it, as the lab explains it. */
  readonly survives?: string
}

/** A step is left out, a command is, or something stands otherwise. */
export type MutantKind = 'step' | 'command' | 'other'

/** A place with the line that it is in. */
export interface MutantPlace extends Source {
  readonly text: string
}

/** A mutation in one variant. */
export interface Trial {
  /** The variant with the mistake made. */
  readonly variant: Variant
  /** Index of the first step that the mistake changes; every case before it must still pass. */
  readonly changedAt: number
  /** Case names that must fail; none for a mutant. */
  readonly caughtBy: readonly string[]
  /** Absent when it is no puzzle. */
  readonly puzzle?: Puzzle
}

/** A mistake that is made in secret for a student, who finds and mends it. */
export interface Puzzle {
  /** From 1, easy, to 3. */
  readonly level: number
  /** Index of the step after which the student gets the lab; what is claimed there tells when it is mended. */
  readonly until: number
  /** One or two, the vague one first. */
  readonly hints: readonly string[]
  /** What a finder should look at. */
  readonly solution: string
  /** One way to mend the lab by hand, in this order. */
  readonly mend: readonly Mend[]
}

/** What mends a lab: commands on a node, or an event. */
export type Mend = { readonly node: string; readonly commands: string } | { readonly event: LabEvent }

/** A place in a file, counted from 1. */
export interface Source {
  readonly file: string
  readonly line: number
  readonly column: number
}
