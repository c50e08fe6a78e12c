import { z } from 'zod'
import type { Mistake, Path } from '../text/diagnostics.ts'
import { durationForm } from '../text/duration.ts'
import { nearestWord } from '../text/nearest.ts'
import { keysAt, schemasAt } from './schema-keys.ts'

type Issue = z.core.$ZodIssue

/** A mistake and where it stands, seen from the checked value. */
export interface Explained {
  readonly at: Path
  readonly mistake: Mistake
}

/** Says in the words of a lab file what zod found wrong with `value`. */
export function explainIssue(issue: Issue, value: unknown, schema: z.ZodType): readonly Explained[] {
  const at = pathOf(issue)
  const found = valueAt(value, at)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, at, keysAt(schema, at)))
    case 'invalid_union':
      return explainUnion(issue, at, value, schema)
    case 'invalid_key':
      return [
        { at, mistake: { message: `cannot use key ${shown(at.at(-1))}: ${issue.issues[0]?.message}`, atKey: true } },
      ]
    case 'invalid_type':
      return missing(at, found, value, schema) ?? [wrongType(issue.expected, found, at, schema)]
    case 'invalid_value':
      return missing(at, found, value, schema) ?? [wrongWord(issue.values.map(String), found, at)]
    default:
      return [
        {
          at,
          mistake: {
            message: `cannot use ${shown(found)}${asKey(at)}: ${lowerFirst(issue.message)}`,
            hint: inSeconds(issue.message, found),
          },
        },
      ]
  }
}

/** An issue with those of the alternatives of a union, each with its whole path. */
export const flatIssues = (issue: Issue): readonly Issue[] =>
  issue.code === 'invalid_union'
    ? issue.errors.flat().flatMap((inner) => flatIssues({ ...inner, path: [...issue.path, ...inner.path] }))
    : [issue]

const unknownKey = (key: string, parent: Path, known: readonly string[]): Explained => ({
  at: [...parent, key],
  mistake: {
    message: `cannot use key "${key}": it means nothing here`,
    nearest: () => nearestWord(key, known),
    hint: known.length === 0 ? undefined : `expected ${listed(known)}`,
    atKey: true,
  },
})

/** A key that isn't there, unless a misspelt one is reported in its place. */
function missing(at: Path, found: unknown, value: unknown, schema: z.ZodType): readonly Explained[] | undefined {
  const key = at.at(-1)
  if (found !== undefined || key === undefined) return undefined
  const parent = at.slice(0, -1)
  const known = keysAt(schema, parent)
  const present = Object.keys(Object(valueAt(value, parent)))
  if (present.some((other) => !known.includes(other) && nearestWord(other, known) === key)) return []
  return [{ at, mistake: { message: `cannot do without "${key}": it is missing here`, atKey: true } }]
}

function wrongType(expected: string, found: unknown, at: Path, schema: z.ZodType): Explained {
  const what = `cannot use ${shown(found)}${asKey(at)}:`
  const type = `expected ${typeNames[expected] ?? expected}`
  if (expected !== 'string' || !isBare(found))
    return { at, mistake: { message: `${what} ${type}`, hint: asLines(found, at) } }
  const quoted = schemasAt(schema, at).map((each) => z.safeParse(each, String(found)))
  const cause = quoted.find((result) => !result.success)?.error?.issues[0]?.message
  if (quoted.some(({ success }) => success) || cause === undefined) {
    return { at, mistake: { message: `${what} ${type}`, hint: quoteIt } }
  }
  return { at, mistake: { message: `${what} ${lowerFirst(cause)}`, hint: inSeconds(cause, found) } }
}

/** What to write in place of a list of commands. */
const asLines = (found: unknown, at: Path): string | undefined =>
  at.at(-1) === 'run' && Array.isArray(found) ? 'write "run: |" and the commands below it, a line each' : undefined

/** What to write in place of a time without a unit. */
const inSeconds = (cause: string, found: unknown): string | undefined =>
  cause.startsWith(`expected ${durationForm}`) && /^\d+$/.test(String(found)) ? `write ${found}s` : undefined

const isBare = (found: unknown): boolean => typeof found === 'number' || typeof found === 'boolean'

const quoteIt = (source: string) => `quote it, so that YAML reads it as text: write "${source}"`

const wrongWord = (words: readonly string[], found: unknown, at: Path): Explained => ({
  at,
  mistake: {
    message: `cannot use ${shown(found)}${asKey(at)}: expected ${listed(words)}`,
    nearest: typeof found === 'string' ? () => nearestWord(found, words) : undefined,
  },
})

/** Explains the alternative that fits best; when none fits at all, names what the alternatives want. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  at: Path,
  value: unknown,
  schema: z.ZodType,
): readonly Explained[] {
  const branches = issue.errors.map((inner) => inner.map((each) => ({ ...each, path: [...issue.path, ...each.path] })))
  const deep = branches.filter((branch) => branch.every((each) => each.path.length > at.length || isAboutKeys(each)))
  const explained = deep.map((branch) => branch.flatMap((each) => explainIssue(each, value, schema)))
  const best = explained.sort((left, right) => left.length - right.length)[0]
  if (best !== undefined) return best
  const found = valueAt(value, at)
  if (found === undefined) return missing(at, found, value, schema) ?? []
  const wanted = branches.flat().flatMap(wantedBy)
  const expected = wanted.length === 0 ? lowerFirst(issue.message) : `expected ${listed([...new Set(wanted)])}`
  const nearest = typeof found === 'string' ? () => nearestWord(found, wanted) : undefined
  const hint = isBare(found) && wanted.includes('text') ? quoteIt : undefined
  return [{ at, mistake: { message: `cannot use ${shown(found)}${asKey(at)}: ${expected}`, nearest, hint } }]
}

const isAboutKeys = (issue: Issue): boolean => issue.code === 'unrecognized_keys'

function wantedBy(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [typeNames[issue.expected] ?? issue.expected]
  if (issue.code === 'invalid_value') return issue.values.map(String)
  return [issue.message.replace(/^expected /, '')]
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'nothing',
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping'
  return `${typeof value} ${String(value)}`
}

function asKey(at: Path): string {
  const key = at.findLast((part) => typeof part === 'string')
  return key === undefined ? '' : ` as ${key}`
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const lowerFirst = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1)

const pathOf = (issue: Issue): Path => issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))

const valueAt = (value: unknown, at: Path): unknown =>
  at.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)
        ? Reflect.get(parent, key)
        : undefined,
    value,
  )
