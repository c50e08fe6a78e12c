import type { Assertion } from '../../../assertions/assertion.ts'
import type { Link, Node, Source, Variant } from '../lab.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { renderEndpoint } from '../text/endpoint.ts'
import type { LabFile } from '../text/read-lab-file.ts'
import type { Allowance } from '../values/allowance.ts'
import type { StepPart } from '../values/expand-steps.ts'
import type { Filled } from '../values/fill.ts'
import type { Values } from '../values/values.ts'

/** All kinds of claims, by the key that stands for them in a lab file. */
export type AssertionTable = Readonly<Record<string, Assertion<unknown>>>

/** What the check of one variant works with. */
export interface VariantContext {
  readonly table: AssertionTable
  readonly labFile: LabFile
  readonly variant: string
  readonly values: Values
  readonly allowance: Allowance
  /** Of each step. */
  readonly parts: readonly StepPart[]
  /** Returns the names of all images; what a lab names is not looked for when absent. */
  readonly images?: (() => readonly string[]) | undefined
  /** Reports a mistake in this variant. */
  readonly report: Report
  sourceOf(path: Path): Source
}

/** Nodes and cables of a variant. */
export interface DeclaredTopology {
  readonly nodes: readonly Node[]
  readonly byName: ReadonlyMap<string, Node>
  readonly links: readonly Link[]
  /** The ends of all links, as `node:interface`. */
  readonly cableEnds: ReadonlySet<string>
  /** Names of all declared nodes, also of those with mistakes. */
  readonly nodeNames: ReadonlySet<string>
}

/** Those of a variant without a mistake. */
export const declaredIn = ({ nodes, links }: Pick<Variant, 'nodes' | 'links'>): DeclaredTopology => ({
  nodes,
  byName: new Map(nodes.map((node) => [node.name, node])),
  links,
  cableEnds: new Set(links.flatMap(({ endpoints }) => endpoints.map(renderEndpoint))),
  nodeNames: new Set(nodes.map(({ name }) => name)),
})

/** A step as it stands in the file, placeholders filled in. */
export interface FilledStep {
  /** Place in the file's list of steps, from 0. */
  readonly index: number
  /** Its `expect` as it stands in the file. */
  readonly filled: Filled
  readonly part: StepPart
  /** Those of the variant, and its own. */
  readonly values: Values
  /** What its `expect` claims, each as often as it is claimed. */
  readonly expectations: readonly FilledExpectation[]
}

/** An expectation as it stands in the file, placeholders filled in. */
export interface FilledExpectation {
  readonly path: Path
  readonly filled: Filled
}
