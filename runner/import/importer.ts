import type { Endpoint } from '../lab/lab.ts'
import type { Remarks } from './remarks.ts'

/** A format in which others write topologies. */
export interface Importer {
  /** Whose it is, as people call it. */
  readonly name: string
  /** Returns the absolute path of the file by which a file or folder is of this format; undefined when it is not. */
  fileAt(path: string): string | undefined
  /**
   * Reads a topology. What can't be taken over is reported: as an error where the lab would be another, else as a
   * warning. The topology counts only when there is no error.
   */
  read(file: string, text: string, remarks: Remarks): Topology
}

/** What all formats say, in the lab language's words. */
export interface Topology {
  /** What it calls itself; the name of its folder or file when it does not. */
  readonly name: string
  readonly summary: string
  readonly machines: readonly ImportedMachine[]
  readonly segments: readonly Segment[]
}

export interface ImportedMachine {
  /** Fit for a node of a lab. */
  readonly name: string
  /** Debian's packages of the daemons that its container image was made for. */
  readonly packages: readonly string[]
  readonly files: readonly ImportedFile[]
  /** Shell lines that are typed once its interfaces are up. */
  readonly commands: readonly string[]
  /** A command that runs on behind the steps. */
  readonly stays?: string
  /** It stands for a switch: nothing but a bridge of all its interfaces. */
  readonly isSwitch?: true
}

export interface ImportedFile {
  /** Where it goes in the machine. */
  readonly to: string
  /** Where it lies, from the folder of the topology. */
  readonly from: string
  readonly bytes: Uint8Array
  readonly isExecutable: boolean
}

/** A cable, or a LAN of more ends, or an end that leads nowhere. */
export interface Segment {
  readonly ends: readonly Endpoint[]
}
