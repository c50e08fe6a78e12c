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
  /** Each end written `node:interface`. */
  readonly links: readonly {
    readonly endpoints: readonly [string, string]
    /** Ends whose NIC is not in its machine at first. */
    readonly unplugged?: readonly string[]
    /** What is done to its frames from the beginning, in words. */
    readonly impairment?: string
  }[]
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
