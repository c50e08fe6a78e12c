import {
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  type MappingEvent,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml'
import { type Span, syntaxMistake, type YamlMistake } from './yaml-mistakes.ts'

/** YAML with the place of everything. */
export type Tree = ScalarTree | SequenceTree | MappingTree

export interface ScalarTree {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly span: Span
  readonly size: number
}

export interface SequenceTree {
  readonly kind: 'sequence'
  readonly items: readonly Tree[]
  readonly span: Span
  readonly size: number
}

export interface MappingTree {
  readonly kind: 'mapping'
  readonly entries: readonly Entry[]
  readonly span: Span
  readonly size: number
}

export interface Entry {
  readonly key: string
  readonly keySpan: Span
  readonly value: Tree
}

export interface ParsedYaml {
  /** Undefined when there is nothing in the text, or nothing that can be read. */
  readonly tree: Tree | undefined
  readonly mistakes: readonly YamlMistake[]
}

const maxDepth = 40
/** Nodes in the tree once every alias is replaced by what it stands for. */
const maxSize = 50_000

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
  return Object.fromEntries(tree.entries.map((entry) => [entry.key, plainOf(entry.value)]))
}

function growTree(text: string, events: readonly Event[], mistakes: YamlMistake[]): Tree | undefined {
  const anchors = new Map<string, Tree>()
  let next = 0
  let lastSpan: Span = { start: 0, end: 0 }

  const refuse = (span: Span, message: string, hint?: string) => {
    mistakes.push({ span, message, ...(hint === undefined ? {} : { hint }) })
  }

  const grow = (): Tree => {
    const event = events[next++]
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) {
      return emptyAt(lastSpan)
    }
    if (event.type === EVENT_ID.ALIAS) {
      const span = { start: event.anchorStart - 1, end: event.anchorEnd }
      const name = text.slice(event.anchorStart, event.anchorEnd)
      const target = anchors.get(name)
      if (target === undefined) refuse(span, `cannot follow *${name}: nothing before it is marked &${name}`)
      lastSpan = span
      return target ?? emptyAt(span)
    }
    const tree =
      event.type === EVENT_ID.SCALAR
        ? growScalar(event)
        : event.type === EVENT_ID.SEQUENCE
          ? growSequence(event.start)
          : growMapping(event)
    if (event.type !== EVENT_ID.SCALAR) refuseTag(event)
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), tree)
    if (tree.size > maxSize) {
      throw new YAMLException('it is too large once its aliases are filled in', markAt(text, tree.span.start))
    }
    return tree
  }

  const growScalar = (event: ScalarEvent): Tree => {
    if (event.valueStart >= 0) {
      const indent = /^\s*/.exec(text.slice(event.valueStart, event.valueEnd))?.[0].length ?? 0
      lastSpan = { start: event.valueStart + indent, end: event.valueEnd }
    }
    const source = event.valueStart < 0 ? '' : getScalarValue(text, event)
    const isText = event.style !== SCALAR_STYLE.PLAIN || refuseTag(event)
    return { kind: 'scalar', value: isText ? source : plainValue(source), span: lastSpan, size: 1 }
  }

  /** True for the tag of text, which is the only one that means something here. */
  const refuseTag = (event: { tagStart: number; tagEnd: number }): boolean => {
    if (event.tagStart < 0) return false
    const tag = text.slice(event.tagStart, event.tagEnd)
    if (tag === '!!str' || tag === '!') return true
    refuse({ start: event.tagStart, end: event.tagEnd }, `cannot use tag ${tag}: a lab file has none`)
    return false
  }

  const growSequence = (start: number): Tree => {
    const items: Tree[] = []
    lastSpan = { start, end: start + 1 }
    while (!closes(events[next])) items.push(grow())
    next++
    return { kind: 'sequence', items, span: { start, end: start + 1 }, size: sizeOf(items) }
  }

  const growMapping = (event: MappingEvent): Tree => {
    const { start } = event
    const entries: Entry[] = []
    const seen = new Set<string>()
    lastSpan = { start, end: start + 1 }
    const bare = bareTemplate(text, start)
    while (!closes(events[next])) {
      const keyEvent = events[next]
      const key = grow()
      const keyText = keyEvent?.type === EVENT_ID.SCALAR ? keyTextOf(text, keyEvent) : undefined
      const keySpan = key.span
      const value = grow()
      if (bare !== undefined) continue
      if (keyText === undefined) refuse(keySpan, 'cannot use this key: a key is a word, not a list or a mapping')
      else if (keyText === '__proto__') refuse(keySpan, 'cannot use key "__proto__": the name is reserved')
      else if (seen.has(keyText)) refuse(keySpan, `cannot use key "${keyText}" twice in one mapping`)
      else entries.push({ key: keyText, keySpan, value })
      if (keyText !== undefined) seen.add(keyText)
    }
    next++
    if (bare !== undefined) {
      const span = { start, end: start + bare.length }
      refuse(span, `cannot use ${bare} without quotes: YAML reads it as a mapping`, `write "${bare}"`)
      return { kind: 'scalar', value: bare, span, size: 1 }
    }
    const size = sizeOf(entries.map((entry) => entry.value))
    return { kind: 'mapping', entries, span: { start, end: start + 1 }, size }
  }

  if (events[next++] === undefined) return undefined
  const tree = grow()
  next++
  const rest = events.slice(next).find((event) => 'start' in event || 'valueStart' in event)
  if (events[next] !== undefined) {
    const start =
      rest === undefined ? text.length : 'start' in rest ? rest.start : 'valueStart' in rest ? rest.valueStart : 0
    refuse({ start, end: start + 1 }, 'cannot read a second document: a lab file holds one', 'remove the line ---')
  }
  return tree
}

const closes = (event: Event | undefined): boolean => event === undefined || event.type === EVENT_ID.POP

const sizeOf = (trees: readonly Tree[]): number => trees.reduce((sum, tree) => sum + tree.size, 1)

const emptyAt = (span: Span): Tree => ({ kind: 'scalar', value: null, span, size: 1 })

const keyTextOf = (text: string, event: ScalarEvent): string =>
  event.valueStart < 0 ? '' : getScalarValue(text, event)

/** `{{name}}` written without quotes, which YAML takes for a mapping in a mapping. */
const bareTemplate = (text: string, start: number): string | undefined =>
  /^\{\{[^{}\n]*\}\}/.exec(text.slice(start, start + 80))?.[0]

function plainValue(source: string): string | number | boolean | null {
  for (const tag of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]) {
    const value = tag.resolve(source, false, tag.tagName)
    if (value !== NOT_RESOLVED) return value
  }
  return source
}

const markAt = (buffer: string, position: number) => ({ buffer, position, line: 0, column: 0 })
