import type { Mistake, Path, Report } from '../text/diagnostics.ts'
import { listNames } from '../text/list-names.ts'
import { nearestWord } from '../text/nearest.ts'
import { keptIn, placeholders, placeholdersAndEscapes } from './placeholders.ts'
import { type ShellContext, shellContexts } from './shell-context.ts'
import type { Values } from './values.ts'

/** A value with its `{{placeholders}}` filled in. */
export interface Filled {
  readonly value: unknown
  /** Whether the text at a path came out of placeholders. */
  isFilled(path: Path): boolean
  /** Whether the text at a path holds a placeholder that could not be filled; that is reported already. */
  isBroken(path: Path): boolean
}

/**
 * Fills the placeholders of every text in `value`, however deep. A text under the key `run` or `command` is a shell
 * script: there a value that is no plain word is quoted, and it is a mistake where quoting can't hold.
 */
export function fillIn(value: unknown, path: Path, values: Values, report: Report): Filled {
  const filled = new Set<string>()
  const broken = new Set<string>()

  const fill = (part: unknown, at: Path): unknown => {
    if (typeof part === 'string') return fillText(part, at)
    if (Array.isArray(part)) return part.map((item, index) => fill(item, [...at, index]))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) => {
        if (key.search(placeholders) >= 0 || keptIn(key).length > 0) {
          report([...at, key], { message: `cannot use key "${key}": only a value can be filled in`, atKey: true })
        }
        return [key, fill(item, [...at, key])]
      }),
    )
  }

  const fillText = (text: string, at: Path): string => {
    if (!text.includes('{{')) return text
    refuseSpaces(text, at, values, report)
    const matches = [...text.matchAll(placeholdersAndEscapes)]
    if (matches.length === 0) return text
    filled.add(keyOf(at))
    const contexts = isScript(at)
      ? shellContexts(
          text,
          matches.map((match) => match.index),
        )
      : undefined
    const fitting = takeAllowance(text, matches, values)
    if (!fitting) report(at, tooMuch)
    const partOf = countParts()
    let number = -1
    return text.replaceAll(placeholdersAndEscapes, (whole, name: string | undefined) => {
      number++
      if (name === undefined) return '{{'
      const part = partOf(whole)
      const known = lookUp(name, values, (mistake) => report(at, { ...mistake, part }))
      if (known === undefined || !fitting) {
        broken.add(keyOf(at))
        return whole
      }
      const context = contexts?.[number]
      const filledIn = context === undefined ? known : shellTextIn(context, known)
      if (filledIn !== undefined) return filledIn
      report(at, { ...unquotable(name, known, context ?? 'bare'), part })
      broken.add(keyOf(at))
      return whole
    })
  }

  return {
    value: fill(value, path),
    isFilled: (at) => filled.has(keyOf(at)),
    isBroken: (at) => broken.has(keyOf(at)),
  }
}

/**
 * Fills a file's text. Unknown names are reported, each with the first line that has it; `file` is what that is called.
 */
export function fillFile(text: string, file: string, values: Values, report: (mistake: Mistake) => void): string {
  if (!takeAllowance(text, text.matchAll(placeholdersAndEscapes), values)) {
    report(tooMuch)
    return text
  }
  const unknown = new Set<string>()
  let [line, counted] = [1, 0]
  const lineAt = (offset: number) => {
    for (; counted < offset; counted++) if (text[counted] === '\n') line++
    return line
  }
  return text.replaceAll(placeholdersAndEscapes, (whole, name: string | undefined, offset: number) => {
    if (name === undefined) return '{{'
    if (unknown.has(name)) return whole
    return (
      lookUp(name, values, ({ message, nearest }) => {
        unknown.add(name)
        report({ message: `${message} (${file}, line ${lineAt(offset)})`, nearest })
      }) ?? whole
    )
  })
}

/** Takes from the allowance what a text will be; false when that is more than is left. */
function takeAllowance(text: string, matches: Iterable<RegExpMatchArray>, { texts, allowance }: Values): boolean {
  if (allowance.characters < 0) return false
  allowance.characters -= text.length
  for (const [, name = ''] of matches) {
    allowance.characters -= texts.get(name)?.length ?? 0
    if (allowance.characters < 0) return false
  }
  return allowance.characters >= 0
}

const tooMuch: Mistake = {
  message: 'cannot fill in all values: with them the lab grows beyond all bounds',
  hint: 'shorten the values, or say them in fewer places',
}

type Refuse = (mistake: Pick<Mistake, 'message' | 'hint' | 'nearest'>) => void

/** The value's text; undefined after telling `refuse`, or when the value itself is a reported mistake. */
function lookUp(name: string, { texts }: Values, refuse: Refuse): string | undefined {
  if (texts.has(name)) return texts.get(name)
  refuse({
    message: `cannot fill in {{${name}}}: no value has this name`,
    nearest: () => nearestWord(name, texts.keys()),
    hint: () => (texts.size === 0 ? 'the lab declares no values' : `the values are ${listNames(texts.keys())}`),
  })
  return undefined
}

/** Keys whose text a shell reads: in steps and mutations, and in the parameters of assertions. */
const scriptKeys: readonly unknown[] = ['run', 'command']

const isScript = (at: Path): boolean => scriptKeys.includes(at.at(-1))

/** What a shell takes as one word and nothing else. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A text as a shell reads it as one word. */
export const shellWord = (text: string): string => (plainWord.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** A text as a shell reads it in one word where it stands; undefined when it can't be quoted there. */
export const shellTextIn = (context: ShellContext, text: string): string | undefined =>
  context === 'bare' || plainWord.test(text) ? shellWord(text) : undefined

const unquotable = (name: string, value: string, context: ShellContext) => ({
  message: `cannot fill in {{${name}}} inside ${placeNames[context]}: its value "${value}" is no plain word`,
  hint: 'outside of quotes a value is quoted for the shell by itself',
})

/** Where a character of a script stands, in words. */
export const placeNames = {
  bare: 'a command',
  quotes: 'quotes',
  comment: 'a comment',
  'here-document': 'a here-document',
} as const

function refuseSpaces(text: string, at: Path, values: Values, report: Report): void {
  const partOf = countParts()
  for (const { 0: whole, 1: name } of text.matchAll(/\{\{ *([a-z0-9][a-z0-9_-]*) *\}\}/g)) {
    if (name === undefined || whole === `{{${name}}}` || !values.texts.has(name)) continue
    const message = `cannot fill in ${whole}: a placeholder has no spaces`
    report(at, { message, hint: `write {{${name}}}`, part: partOf(whole) })
  }
}

/** Counts the same parts of a text as they come. */
function countParts(): (text: string) => { readonly text: string; readonly nth: number } {
  const counts = new Map<string, number>()
  return (text) => {
    const nth = counts.get(text) ?? 0
    counts.set(text, nth + 1)
    return { text, nth }
  }
}

const keyOf = (path: Path): string => JSON.stringify(path)
