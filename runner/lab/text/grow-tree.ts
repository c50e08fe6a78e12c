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
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml'
import type { Entry, Tree } from './tree.ts'
import type { Span, YamlMistake } from './yaml-mistakes.ts'

/** Of the tree once every alias is replaced by what it stands for. */
const maxSize = 50_000
/** So many characters cost as much to check as one value more. */
const charactersOfOne = 40

/** A tree that grows from the events of a parser. */
interface Growth {
  readonly text: string
  readonly events: readonly Event[]
  readonly mistakes: YamlMistake[]
  readonly anchors: Map<string, Tree>
  /** Index of the next event. */
  next: number
  /** Where the last value stands. */
  lastSpan: Span
}

/**
 * The tree of a text, from the events of its parser; undefined when there is none. Mistakes are added to `mistakes`.
 * @throws YAMLException when it is too large
 */
export function growTree(text: string, events: readonly Event[], mistakes: YamlMistake[]): Tree | undefined {
  const growth: Growth = { text, events, mistakes, anchors: new Map(), next: 0, lastSpan: { start: 0, end: 0 } }
  if (events[growth.next++] === undefined) return undefined
  const tree = grow(growth)
  growth.next++
  refuseMore(growth)
  return tree
}

function grow(growth: Growth): Tree {
  const { text, events, anchors } = growth
  const event = events[growth.next++]
  if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) {
    return emptyAt(growth.lastSpan)
  }
  if (event.type === EVENT_ID.ALIAS) {
    const span = { start: event.anchorStart - 1, end: event.anchorEnd }
    const name = text.slice(event.anchorStart, event.anchorEnd)
    const target = anchors.get(name)
    if (target === undefined) refuse(growth, span, `cannot follow *${name}: nothing before it is marked &${name}`)
    growth.lastSpan = span
    return target ?? emptyAt(span)
  }
  const tree =
    event.type === EVENT_ID.SCALAR
      ? growScalar(growth, event)
      : event.type === EVENT_ID.SEQUENCE
        ? growSequence(growth, event.start)
        : growMapping(growth, event)
  if (event.type !== EVENT_ID.SCALAR) refuseTag(growth, event)
  if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), tree)
  if (tree.size > maxSize) {
    throw new YAMLException(
      'it is too large once its aliases are filled in: a lab has at most some 50,000 values',
      markAt(text, tree.span.start),
    )
  }
  return tree
}

function growScalar(growth: Growth, event: ScalarEvent): Tree {
  const { text } = growth
  if (event.valueStart >= 0) {
    const indent = /^\s*/.exec(text.slice(event.valueStart, event.valueEnd))?.[0].length ?? 0
    growth.lastSpan = { start: event.valueStart + indent, end: event.valueEnd }
  }
  const source = event.valueStart < 0 ? '' : getScalarValue(text, event)
  const isText = event.style !== SCALAR_STYLE.PLAIN || refuseTag(growth, event)
  return {
    kind: 'scalar',
    value: isText ? source : plainValue(source),
    span: growth.lastSpan,
    size: sizeOfText(source),
  }
}

function growSequence(growth: Growth, start: number): Tree {
  const items: Tree[] = []
  growth.lastSpan = { start, end: start + 1 }
  while (!closes(growth.events[growth.next])) items.push(grow(growth))
  growth.next++
  const size = items.reduce((sum, item) => sum + item.size, 1)
  return { kind: 'sequence', items, span: { start, end: start + 1 }, size }
}

function growMapping(growth: Growth, { start }: MappingEvent): Tree {
  const { text, events } = growth
  const entries = new Map<string, Entry>()
  const merged = new Map<string, Entry>()
  let size = 1
  growth.lastSpan = { start, end: start + 1 }
  const bare = bareTemplate(text, start)
  while (!closes(events[growth.next])) {
    const keyEvent = events[growth.next]
    const key = grow(growth)
    const keyText = keyEvent?.type === EVENT_ID.SCALAR ? keyTextOf(text, keyEvent) : undefined
    const keySpan = key.span
    const value = grow(growth)
    if (bare !== undefined) continue
    if (keyText === undefined) refuse(growth, keySpan, 'cannot use this key: a key is a word, not a list or a mapping')
    else if (keyText === '<<') mergeInto(merged, value, growth, keySpan)
    else if (keyText === '__proto__') refuse(growth, keySpan, 'cannot use key "__proto__": the name is reserved')
    else if (entries.has(keyText)) refuse(growth, keySpan, `cannot use key "${keyText}" twice in one mapping`)
    else entries.set(keyText, { keySpan, value })
    size += value.size + Math.floor((keyText ?? '').length / charactersOfOne)
  }
  growth.next++
  if (bare !== undefined) {
    const span = { start, end: start + bare.length }
    refuse(growth, span, `cannot use ${bare} without quotes: YAML reads it as a mapping`, `write "${bare}"`)
    return { kind: 'scalar', value: bare, span, size: 1 }
  }
  return { kind: 'mapping', entries: new Map([...merged, ...entries]), span: { start, end: start + 1 }, size }
}

/** Refuses a merge key, and takes what it is to give, so that nothing else is said to be missing. */
function mergeInto(merged: Map<string, Entry>, value: Tree, growth: Growth, keySpan: Span): void {
  const hint = 'write the keys out; a whole value that is marked &name can stand again as *name'
  refuse(growth, keySpan, 'cannot merge by "<<": a lab file has no merge keys', hint)
  const sources = value.kind === 'sequence' ? value.items : [value]
  for (const source of sources.toReversed())
    if (source.kind === 'mapping') for (const [key, entry] of source.entries) merged.set(key, entry)
}

/** True for the tag of text, which is the only one that means something here. */
function refuseTag(growth: Growth, event: { tagStart: number; tagEnd: number }): boolean {
  if (event.tagStart < 0) return false
  const tag = growth.text.slice(event.tagStart, event.tagEnd)
  if (tag === '!!str' || tag === '!') return true
  refuse(growth, { start: event.tagStart, end: event.tagEnd }, `cannot use tag ${tag}: a lab file has none`)
  return false
}

/** A lab file holds one document. */
function refuseMore(growth: Growth): void {
  const { text, events, next } = growth
  if (events[next] === undefined) return
  const rest = events.slice(next).find((event) => 'start' in event || 'valueStart' in event)
  const start =
    rest === undefined ? text.length : 'start' in rest ? rest.start : 'valueStart' in rest ? rest.valueStart : 0
  const span = { start, end: start + 1 }
  refuse(growth, span, 'cannot read a second document: a lab file holds one', 'remove the line ---')
}

function refuse({ mistakes }: Growth, span: Span, message: string, hint?: string): void {
  mistakes.push({ span, message, ...(hint === undefined ? {} : { hint }) })
}

const closes = (event: Event | undefined): boolean => event === undefined || event.type === EVENT_ID.POP

const sizeOfText = (text: string): number => 1 + Math.floor(text.length / charactersOfOne)

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
