import { relative } from 'node:path'
import { styleText } from 'node:util'
import type { Source } from '../lab.ts'
import { listNames } from './list-names.ts'
import type { MappingTree, Tree } from './tree.ts'
import type { Span } from './yaml-mistakes.ts'

/** Keys and indices from the top of a lab file down to a value. */
export type Path = readonly (string | number)[]

/** One mistake in a lab file. */
export interface Diagnostic {
  /** "cannot <verb> <object>: <cause>" */
  readonly message: string
  /** What was expected, or how to mend it. */
  readonly hint?: string | undefined
  /** The valid word that was probably meant. */
  readonly nearest?: string | undefined
  /** Absolute path. */
  readonly file: string
  /** Missing when the file as a whole is at fault. */
  readonly place?: Place | undefined
  /** The variants in which it is a mistake; undefined when that is all of them. */
  readonly variants?: readonly string[] | undefined
}

export interface Place {
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 units as editors do. */
  readonly column: number
  /** How much of the line is at fault, in UTF-16 units. */
  readonly length: number
  /** The line itself. */
  readonly text: string
}

/** What a check says of a value; the place is found from the value's path. */
export interface Mistake {
  readonly message: string
  /** The hint, or what makes it of the text that stands in the file. */
  readonly hint?: string | ((source: string) => string) | undefined
  /** Looked for when the mistake is shown. */
  readonly nearest?: (() => string | undefined) | undefined
  /** Point at the key instead of at its value. */
  readonly atKey?: boolean
  /** Point at a part of the value: at this text where it stands for the nth time, from 0. */
  readonly part?: { readonly text: string; readonly nth: number }
}

/** Reports a mistake in the value at a path. */
export type Report = (path: Path, mistake: Mistake) => void

/** A file that a lab is read from. */
export interface SourceText {
  /** Absolute path. */
  readonly file: string
  readonly text: string
}

/** The mistakes of one lab file, gathered; the same one in several variants counts once. */
export interface Findings {
  /** A report for one variant, or for the file as a whole. */
  reportIn(variant?: string): Report
  reportAt(span: Span, mistake: Mistake): void
  sourceOf(path: Path): Source
  /** The line of a place. */
  lineAt(source: Source): string
  /**
   * What was reported, in the order of the file: the first 50, and then one that says how many more there are.
   * `variants` are the names of all variants.
   */
  list(variants: readonly string[]): readonly Diagnostic[]
}

/** So many a person reads before mending some. */
const maxShown = 50

/**
 * Gathers the mistakes of the lab file that `text` and `tree` come from. Places in the files that it includes go on
 * where those of the file before end.
 */
export function gatherFindings(
  file: string,
  text: string,
  tree: Tree | undefined,
  included: readonly SourceText[] = [],
): Findings {
  const sources = withStarts([{ file, text }, ...included])
  const [main] = sources
  const sourceAt = (offset: number) => sources.findLast(({ start }) => start <= offset) ?? main
  const found = new Map<string, { span: Span; mistake: Mistake; variants: Set<string> | undefined }>()

  const add = (span: Span, mistake: Mistake, variant: string | undefined) => {
    const part = mistake.part === undefined ? '' : `${mistake.part.nth} ${mistake.part.text}`
    const key = `${span.start} ${part} ${mistake.message}`
    const known = found.get(key)
    if (known === undefined) {
      found.set(key, { span, mistake, variants: variant === undefined ? undefined : new Set([variant]) })
    } else if (variant === undefined) known.variants = undefined
    else known.variants?.add(variant)
  }

  return {
    reportIn: (variant) => (path, mistake) => add(spanOf(tree, path, mistake.atKey), mistake, variant),
    reportAt: (span, mistake) => add(span, mistake, undefined),
    sourceOf: (path) => {
      const offset = spanOf(tree, path).start
      const source = sourceAt(offset)
      const { line, column } = positionOf(source, offset - source.start)
      return { file: source.file, line, column }
    },
    lineAt({ file: wanted, line }) {
      const source = sources.find((each) => each.file === wanted) ?? main
      return placeOf(source, { start: source.lineStarts[line - 1] ?? 0, end: 0 }).text
    },
    list(all) {
      const inOrder = [...found.values()].sort((left, right) => left.span.start - right.span.start)
      const shown = inOrder.slice(0, maxShown).map(({ span: whole, mistake, variants }): Diagnostic => {
        const source = sourceAt(whole.start)
        const own = { start: whole.start - source.start, end: whole.end - source.start }
        const span = mistake.part === undefined ? own : partSpan(source.text, own, mistake.part)
        const said = source.text.slice(span.start, span.end)
        return {
          message: mistake.message,
          hint: typeof mistake.hint === 'function' ? mistake.hint(said) : mistake.hint,
          nearest: mistake.nearest?.(),
          file: source.file,
          place: placeOf(source, span),
          variants: variants === undefined || variants.size >= all.length ? undefined : [...variants],
        }
      })
      const rest = inOrder.length - shown.length
      if (rest === 0) return shown
      return [...shown, { message: `cannot show all mistakes: there are ${rest} more`, file }]
    },
  }
}

/** The diagnostics as text for a terminal, a blank line between them; `color` only where the terminal shows it. */
export const renderDiagnostics = (diagnostics: readonly Diagnostic[], color = false): string =>
  diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, color)).join('\n\n')

/** The same of what is no mistake, each line that begins one with the word for it; nothing where there is none. */
export const renderWarnings = (warnings: readonly Diagnostic[], color = false): string =>
  warnings.map((one) => `${renderDiagnostic({ ...one, message: `warning: ${one.message}` }, color)}\n\n`).join('')

function renderDiagnostic({ message, hint, nearest, file, place, variants }: Diagnostic, color: boolean): string {
  const paint = (style: 'bold' | 'red' | 'dim', text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text
  const path = printable(shownPath(file))
  const where = place === undefined ? path : `${path}:${place.line}:${place.column}`
  const advice = [
    ...(nearest === undefined ? [] : [`did you mean "${nearest}"?`]),
    ...(hint === undefined ? [] : [hint]),
    ...(variants === undefined ? [] : [`in ${variants.length === 1 ? 'variant' : 'variants'} ${listNames(variants)}`]),
  ].map(shortened)
  const lines = [`${paint('bold', `${where}:`)} ${shortened(message)}`]
  if (place === undefined) return [...lines, ...advice.map((line) => `  ${line}`)].join('\n')
  const number = String(place.line)
  const gutter = `${' '.repeat(number.length)} |`
  const { text, caret } = excerptOf(place)
  lines.push(`${paint('dim', `  ${number} |`)} ${text}`, `${paint('dim', `  ${gutter}`)} ${paint('red', caret)}`)
  return [...lines, ...advice.map((line) => `  ${gutter} ${line}`)].join('\n')
}

const excerptWidth = 110

function excerptOf({ text, column, length }: Place): { text: string; caret: string } {
  const start = column - 1 > excerptWidth - 20 ? column - 1 - 40 : 0
  const shown = text.slice(start, start + excerptWidth)
  const room = Math.max(1, shown.length - (column - 1 - start))
  const indent = shown.slice(0, column - 1 - start).replaceAll(/[^\t]/g, ' ')
  const ellipsis = start + excerptWidth < text.length ? '…' : ''
  return { text: printable(shown) + ellipsis, caret: indent + '^'.repeat(Math.max(1, Math.min(length, room))) }
}

/** A lab file may hold escape sequences, and characters that turn the order of a line; the terminal is not theirs. */
export const printable = (text: string): string => text.replaceAll(/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '·')

const maxLength = 1000

/** Printable, and cut where a lab says a word without end. */
const shortened = (text: string): string => printable(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text)

function shownPath(file: string): string {
  const fromHere = relative(process.cwd(), file)
  return fromHere.startsWith('..') ? file : fromHere
}

/** Where what a path leads to stands, or its key. */
export function spanOf(tree: Tree | undefined, path: Path, atKey = false): Span {
  let here = tree
  let span: Span = here?.span ?? { start: 0, end: 0 }
  for (const [depth, step] of path.entries()) {
    if (here?.kind === 'mapping') {
      const entry = here.entries.get(String(step))
      if (entry === undefined) return span
      here = entry.value
      span = (atKey && depth === path.length - 1) || here.kind === 'mapping' ? entry.keySpan : here.span
      if (here.kind === 'sequence') span = entry.keySpan
    } else if (here?.kind === 'sequence') {
      const item: Tree | undefined = here.items[Number(step)]
      if (item === undefined) return span
      here = item
      span = item.kind === 'mapping' ? (firstKey(item) ?? item.span) : item.span
    } else return span
  }
  return span
}

const firstKey = ({ entries }: MappingTree): Span | undefined => entries.values().next().value?.keySpan

function partSpan(source: string, span: Span, { text, nth }: { text: string; nth: number }): Span {
  let start = span.start - 1
  for (let count = 0; count <= nth; count++) {
    start = source.indexOf(text, start + 1)
    if (start < 0 || start >= span.end) return span
  }
  return { start, end: start + text.length }
}

/** A text among others, and where it begins. */
interface PlacedText extends SourceText {
  readonly start: number
  readonly lineStarts: readonly number[]
}

function withStarts(sources: readonly [SourceText, ...SourceText[]]): readonly [PlacedText, ...PlacedText[]] {
  let next = 0
  const place = ({ file, text }: SourceText): PlacedText => {
    const start = next
    next += text.length + 1
    return { file, text, start, lineStarts: startsOfLines(text) }
  }
  const [first, ...more] = sources
  return [place(first), ...more.map(place)]
}

const startsOfLines = (text: string): readonly number[] => [
  0,
  ...Array.from(text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length),
]

function placeOf(source: PlacedText, { start, end }: Span): Place {
  const { text, lineStarts } = source
  const { line, column, lineStart } = positionOf(source, start)
  const whole = text.slice(lineStart, lineStarts[line]).replace(/[\r\n]+$/, '')
  return {
    line,
    column,
    length: Math.max(1, end - start),
    text: whole.startsWith(byteOrderMark) ? whole.slice(1) : whole,
  }
}

const byteOrderMark = '\uFEFF'

/** The line and column of an offset, and where its line starts. */
function positionOf({ text, lineStarts }: PlacedText, offset: number) {
  let [from, to] = [0, lineStarts.length]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) from = middle
    else to = middle
  }
  const lineStart = lineStarts[from] ?? 0
  const bom = text.startsWith(byteOrderMark, lineStart) ? 1 : 0
  return { line: from + 1, column: Math.max(1, offset - lineStart + 1 - bom), lineStart }
}
