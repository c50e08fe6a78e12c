import { parseEvents, YAMLException } from 'js-yaml'
import { growTree } from './grow-tree.ts'
import type { Tree } from './tree.ts'
import { syntaxMistake, type YamlMistake } from './yaml-mistakes.ts'

export interface ParsedYaml {
  /** Undefined when there is nothing in the text, or nothing that can be read. */
  readonly tree: Tree | undefined
  readonly mistakes: readonly YamlMistake[]
}

const maxDepth = 40

/** Reads one YAML document. Types of plain scalars are those of YAML 1.2's core schema. */
export function parseYaml(text: string): ParsedYaml {
  const mistakes: YamlMistake[] = []
  try {
    const events = parseEvents(text, { maxDepth })
    const tree = growTree(text, events, mistakes)
    return { tree, mistakes }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { tree: undefined, mistakes: [...mistakes, syntaxMistake(text, error)] }
  }
}

/** The plain value of a tree. */
export function plainOf(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'sequence') return tree.items.map(plainOf)
  return Object.fromEntries(Array.from(tree.entries, ([key, { value }]) => [key, plainOf(value)]))
}
