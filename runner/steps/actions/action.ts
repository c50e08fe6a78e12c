import type { z } from 'zod'
import { machineryError } from '../../errors.ts'
import type { StepStarted } from '../../events.ts'
import type { DeclaredCase, Expectation, Step, StepAction } from '../../lab/lab.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import type { DeclaredTopology, VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import type { StepContext } from '../step-context.ts'

/**
 * One kind of thing that a step can do: how it is written, read, announced, done, and changed by mutations. `V` is its
 * value, `C` what can be claimed of it, `R` what its keys hold in a step as it stands in a lab file.
 */
export interface Action<V, R = unknown, C extends DeclaredCase = DeclaredCase> {
  /** The key of a step that stands for it. */
  readonly key: string
  /** How it is written: what the key holds, and keys that have a meaning only beside it. */
  readonly keys: Readonly<Record<string, z.ZodType>>
  /** It is done on the node that the step names as `on`. */
  readonly needsNode?: true
  /** It measures time: from what leads to it until what is claimed of it no machines are started beside it. */
  readonly measuresTime?: true
  /** The id of a background process that later steps may name, of what its key holds, which may have mistakes. */
  processOf?(raw: unknown): string | undefined
  /** The value, with what is claimed of it; undefined after a mistake is reported. Only asked where its key is. */
  read(raw: R, reading: ActionReading): ReadAction<V, C> | undefined
  /**
   * The lab events that it makes happen: they are announced, and a provider that can't make one has the step skipped.
   */
  events?(value: V): readonly LabEvent[]
  /** What else is announced of it when its step begins. */
  announce?(value: V): Pick<StepStarted, 'script' | 'copies'>
  /**
   * What is left of it when a mutation leaves its step out. Without this nothing is left, and nothing claimed of it.
   */
  without?(value: V): V
  /** The same with other commands. Without this it has none that a mutation could replace. */
  instead?(value: V, commands: string): V
  /** The texts of it in which mutants are made; `with` returns the value with another text in the place of the nth. */
  texts?: { of(value: V): readonly ActionText[]; with(value: V, nth: number, text: string): V }
  /** Whether two values do the same though they may look different. */
  isSame?(left: V, right: V): boolean
  /**
   * Does it, and judges what is claimed of it. Returns words when something went wrong that should not, or why it can't
   * be tried here.
   * @throws WirelabError of kind machinery, the signal's reason when aborted
   */
  perform(action: StepAction<V, C>, step: Step, context: StepContext): Promise<string | Untried | undefined>
}

/** Why what a step does can't be tried here. */
export interface Untried {
  readonly why: string
}

/** Commands of an action, or a file of its. */
export interface ActionText {
  /** With the values of the variant. */
  readonly text: string
  /** Where it stands in the step: of a file, where that is named. */
  readonly path: Path
  /** Of a file: its path in the folder of the lab. */
  readonly file?: string
  /** A file as it stands there; that of commands stands at their path. */
  readonly template?: string
}

/** What was read of an action. */
export interface ReadAction<V, C> {
  readonly value: V
  readonly cases?: readonly C[]
}

/** What the reading of an action works with. */
export interface ActionReading {
  /** Where the step stands. */
  readonly path: Path
  readonly topology: DeclaredTopology
  /** Ids of the background processes that this step or one before it starts. */
  readonly processes: ReadonlySet<string>
  /** Names of the values that the steps before this one keep. */
  readonly kept: ReadonlySet<string>
  readonly context: VariantContext
  /** Reads a list of expectations that stands at a path in the step; what has mistakes is left out. */
  readExpectations(list: readonly unknown[], at: Path): readonly Expectation[]
  /** A case name for a claim of the step, unique in the variant. */
  nameCase(claim: string): string
}

/** The value of an action of a step; undefined when the step does no such thing. */
export const valueIn = <V>(step: Step, { key }: Action<V>): V | undefined =>
  step.actions.find((action) => action.key === key)?.value as V | undefined

/** The node on which a step does what needs one. @throws WirelabError of kind machinery when it names none */
export function nodeOf({ name, node }: Step): string {
  if (node === undefined) throw machineryError(`cannot do step "${name}": it names no node`)
  return node
}
