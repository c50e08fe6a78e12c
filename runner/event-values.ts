import type { Impairment } from './lab/lab.ts'
import type { LabEvent } from './lab/lab-event.ts'

export type { Impairment } from './lab/lab.ts'
export type { LabEvent } from './lab/lab-event.ts'

/** What a run is made with; stands in the manifest and in JUnit properties. */
export interface Surroundings {
  readonly wirelab: string
  readonly provider: string
  readonly accelerator: string
  readonly qemu: string
  readonly image: string
  readonly kernel: string
  readonly host: string
  readonly node: string
}

/** The machines and namespaces of a lab and its cables, as they are when it begins. */
export interface Topology {
  readonly nodes: readonly { readonly name: string; readonly namespaceOf?: string; readonly address?: string }[]
  /** Each end written `node:interface`; a hub joins more than two. */
  readonly links: readonly {
    readonly endpoints: readonly string[]
    /** Ends whose NIC is not in its machine at first. */
    readonly unplugged?: readonly string[]
    /** What is done to its frames from the beginning. */
    readonly impairment?: Impairment
    /** In its place, what is done to the frames that leave at an end. */
    readonly impairments?: Readonly<Record<string, Impairment>>
  }[]
}

/** What a machine's kernel says of its network. */
export interface ObservedMachine {
  readonly name: string
  /** The machine's own first. Empty when the machine can't tell. */
  readonly namespaces: readonly ObservedNamespace[]
  /** Why it can't. */
  readonly trouble?: string
}

export interface ObservedNamespace {
  /** Unique in its machine; empty for the machine's own. */
  readonly name: string
  readonly interfaces: readonly ObservedInterface[]
}

export interface ObservedInterface {
  /** Unique in its namespace. */
  readonly name: string
  /** As ip-link(8) calls it: bridge, veth, macvlan; absent for a NIC. */
  readonly kind?: string
  /** The end of a cable that it is, `node:interface`, whatever it is called and wherever it is now. */
  readonly endpoint?: string
  readonly state: 'up' | 'down' | 'no carrier'
  /** With prefix lengths; not those that each link has by itself. */
  readonly addresses: readonly string[]
  /** The bridge, bond or VRF in the same namespace that it is part of. */
  readonly master?: string
  /** What it is as part of that, where that says more than its state: a port that blocks, a bond's active member. */
  readonly part?: 'blocking' | 'active' | 'backup'
  /** The other end of a veth pair; of others the interface that they are on. */
  readonly other?: { readonly namespace: string; readonly name: string }
  /** Of macvlan, ipvlan and bonds. */
  readonly mode?: string
  /** Number of a VLAN or VXLAN. */
  readonly id?: number
  /** Where a VXLAN sends frames of which it knows nothing else: an address, or a group. */
  readonly remote?: string
  /** VLANs of a port of a bridge that filters them: "10", "20-29"; that of frames without a tag is marked by "PVID". */
  readonly vlans?: readonly string[]
}

/** A file of the lab that a step puts into a node. */
export interface CopiedFile {
  /** Absolute path in the node. */
  readonly to: string
  /** Path in the lab's folder. */
  readonly from: string
  /** What is in it, with the variant's values; only of text that is not long. */
  readonly text?: string
}

/** A scope of a run that has not begun. */
export interface PlannedScope {
  /** Unique in the run. */
  readonly scope: string
  readonly lab: string
  readonly variant: string
}

/** The image that a machine boots, and its kernel. */
export interface MachineImage {
  readonly machine: string
  readonly image: string
  readonly key: string
  readonly kernel: string
}

/** A mutant that was made by machine. */
export interface MutantFacts {
  /** A step is left out, a command is, or something stands otherwise. */
  readonly kind: 'step' | 'command' | 'other'
  /** What is changed, in words. */
  readonly change: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line of the file. */
  readonly text: string
  /** Why no claim can notice it, as the lab explains it. */
  readonly survives?: string
}

/** What noticed a mutant: a case that failed, or a command of a step that went wrong for it. */
export type CaughtBy = { readonly case: string } | { readonly step: string; readonly message: string }

/** An event of a lab, with the words for it: "link r1:eth1 down". */
export interface WordedEvent {
  readonly event: LabEvent
  readonly words: string
}

/** How a machine ended, in words: "machine r1 panicked: sysrq triggered crash". */
export const renderDeath = ({
  machine,
  reason,
  panicked,
}: {
  readonly machine: string
  readonly reason: string
  readonly panicked?: boolean
}): string => `machine ${machine} ${panicked ? 'panicked' : 'died'}: ${reason}`

/** An impairment in words, as "delay 10 ms, loss 1 %"; "not impaired" when it is empty. */
export const renderImpairment = ({ delayMs, jitterMs, lossPercent, rate }: Impairment): string =>
  [
    ...(delayMs === undefined ? [] : [`delay ${delayMs} ms${jitterMs === undefined ? '' : ` ± ${jitterMs} ms`}`]),
    ...(lossPercent === undefined ? [] : [`loss ${lossPercent} %`]),
    ...(rate === undefined ? [] : [`rate ${rate}`]),
  ].join(', ') || 'not impaired'

/** Whether an impairment changes anything. */
export const isImpaired = (impairment: Impairment): boolean => Object.keys(impairment).length > 0
