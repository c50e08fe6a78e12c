import type { z } from 'zod'

/** What one command printed, or what one capture holds: the only thing that a verdict is made from. */
export interface Answer {
  /** Exit status of the command. A shell reports 127 for a command that it cannot find. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /**
   * Something of what was printed had to be left out; `stdout` and `stderr` are then the beginnings. Of a capture: it
   * ended before its time, and later frames are missing.
   */
  readonly cut?: boolean
  /** How many frames of a capture the filter accepts. Absent when they could not be counted. */
  readonly frames?: number
  /** How many frames the capture lost for want of room, of whatever kind. */
  readonly dropped?: number
  /** True when the time limit ended the command before it was done. */
  readonly timedOut: boolean
  /** How long machines waited for a processor of the host meanwhile; set for assertions that measure time. */
  readonly waitedMs?: number
}

/** A command to run on a node. It runs without a shell: no character in `argv` is special. */
export interface CommandProbe {
  readonly kind: 'command'
  readonly node: string
  readonly argv: readonly [string, ...string[]]
  /** What a person would type in its place, whatever is claimed of it; the command itself when absent. */
  readonly typed?: readonly [string, ...string[]]
  readonly timeoutMs: number
  /**
   * How long it waits for an answer that must not come: that none comes is no proof where the host held machines up for
   * much of it. Absent when its claim is not that nothing comes.
   */
  readonly silenceMs?: number
}

/**
 * A question to a capture of the lab: answered with the number of frames, and the first of them on stdout by tcpdump.
 */
export interface CaptureProbe {
  readonly kind: 'capture'
  /** The capture's name in the lab. */
  readonly capture: string
  /** A pcap-filter(7) expression. */
  readonly filter: string
}

/** A question to a background process of the lab: answered with what it printed so far; exit code -1 while it runs. */
export interface ProcessProbe {
  readonly kind: 'process'
  /** The process's id in the lab. */
  readonly process: string
}

export type Probe = CommandProbe | CaptureProbe | ProcessProbe

/** What an assertion may know of the lab besides its own parameters. */
export interface World {
  /** The address declared for a node, without prefix length. */
  readonly addresses: Readonly<Record<string, string>>
  /** The slowest round trip since the lab last did something; absent where that says nothing of how late others are. */
  readonly slowestRoundTripMs?: number
  /** What to wait longer for an answer that must not come, because the host held machines up when it was asked before. */
  readonly longerMs?: number
}

export type Verdict = 'passed' | 'failed' | 'inconclusive'

/** A cell of a table of verdicts, as the reachability assertion makes. */
export interface Cell {
  readonly row: string
  readonly column: string
  readonly wanted: string
  readonly found: string
  readonly verdict: Verdict
}

/** What the judge says, and why. `found` is one line, in the words of the claim. */
export interface Judgement<V = Verdict> {
  readonly verdict: V
  readonly found: string
  /** One for each probe, in their order. */
  readonly cells?: readonly Cell[]
  /** The slowest round trip of the pings that were answered. */
  readonly roundTripMs?: number
}

/** A judgement, or that it can't be tried here: so says what was asked, and `found` has its reason. */
export type Conclusion = Judgement<Verdict | 'skipped'>

/** A name that the parameters refer to, for the check of the lab file. */
export interface Reference {
  readonly kind: 'node' | 'address-of' | 'capture' | 'process'
  readonly name: string
  /** Where it stands in the parameters, as in a zod issue's path. */
  readonly path: readonly (string | number)[]
}

/**
 * One kind of claim. Pure in both halves: `probe` says what to ask, `judge` makes a verdict of the answers
 * (one for each probe, in their order). The runner asks, retries and keeps time.
 */
export interface Assertion<P> {
  /** One sentence for the lab language's documentation and for editors. */
  readonly description: string
  readonly parameters: z.ZodType<P>
  /** Parameters as a lab writes them, for the lab language's documentation and for editors. */
  readonly example: Readonly<Record<string, unknown>>
  /** The answer depends on how fast machines work: it is asked while nothing starts machines. */
  readonly measuresTime?: true
  /** Its question quotes a command or a filter: what a lab calls the claim asks more. */
  readonly asksByName?: true
  /** It knows what the beginning of an answer proves. All others are told only of whole answers. */
  readonly judgesCut?: true
  /** The claim in words, unique enough to be a test case's name: "host reaches 10.0.3.78". */
  claim(parameters: P): string
  /** What a handout asks in the claim's place, without giving the answer away: "Will host reach 10.0.3.78?" */
  question(parameters: P): string
  references(parameters: P): readonly Reference[]
  /** How long the claim has to become true when the lab doesn't say; 0 judges it once. */
  defaultWithinMs(parameters: P): number
  probe(parameters: P, world: World): readonly Probe[]
  judge(parameters: P, answers: readonly Answer[], world: World): Conclusion
}
