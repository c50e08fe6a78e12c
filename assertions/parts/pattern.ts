import { RE2JS } from 're2js'

/** A regular expression of a lab. The time that a search takes grows with the text alone, never with ways to match. */
export interface Pattern {
  /** Whether it is found in a text; ^ and $ match at each line. */
  isFound(text: string): boolean
  /** The first place where it is found, and what is found there. */
  find(text: string): { readonly index: number; readonly found: string } | undefined
  /** What is found first, or of that what is in the pattern's first group. */
  pick(text: string): string | undefined
}

const maxLength = 1000
/** Instructions, repetitions written out: the most work that a character of a long output can make. */
const maxProgram = 300
/** Claims are judged again and again, and lines one by one. */
const kept = new Map<string, Pattern>()
const keptPatterns = 100

/** Reads a JavaScript regular expression. @throws SyntaxError that says why it can't be used */
export function parsePattern(source: string): Pattern {
  const known = kept.get(source)
  if (known !== undefined) return known
  if (source.length > maxLength) throw new SyntaxError(`a pattern has at most ${maxLength} characters`)
  checkSyntax(source)
  const regexp = compile(translate(source))
  const pattern: Pattern = {
    isFound: (text) => regexp.test(text),
    find(text) {
      const matcher = regexp.matcher(text)
      return matcher.find() ? { index: matcher.start(), found: matcher.group() ?? '' } : undefined
    },
    pick(text) {
      // An instruction becomes three at most by a group around it.
      const matcher = compile(translate(source, '('), 4 * maxProgram).matcher(text)
      return matcher.find() ? (matcher.group(Math.min(matcher.groupCount(), 1)) ?? '') : undefined
    },
  }
  if (kept.size >= keptPatterns) kept.clear()
  kept.set(source, pattern)
  return pattern
}

/** Why a text can't be used as a pattern; undefined when it can. */
export function whyNoPattern(source: string): string | undefined {
  try {
    parsePattern(source)
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

function checkSyntax(source: string): void {
  try {
    new RegExp(source, 'm')
  } catch (error) {
    // "Invalid regular expression: /(/m: Unterminated group": the pattern stands beside it already.
    const cause = (error instanceof Error ? error.message : String(error)).split(': ').at(-1)
    throw new SyntaxError(`expected a JavaScript regular expression: ${cause}`)
  }
}

function compile(translated: string, limit = maxProgram): RE2JS {
  try {
    const regexp = RE2JS.compile(translated, RE2JS.MULTILINE)
    if (regexp.programSize() <= limit) return regexp
  } catch (error) {
    // RE2JS's errors are of classes of its own.
    if (!(error instanceof Error)) throw error
  }
  throw new SyntaxError('it grows too large once its repetitions are written out')
}

/**
 * Says a JavaScript regular expression in the syntax of RE2 (github.com/google/re2/wiki/Syntax). The differences, from
 * ECMA-262, 22.2 and annex B: which characters end a line, which are white space, and how characters are escaped. What
 * its groups hold costs time, and is mostly not asked for.
 */
function translate(source: string, group = '(?:'): string {
  let translated = ''
  for (let at = 0; at < source.length; ) {
    const { length, text } = partAt(source, at)
    translated += text === '(' ? group : text
    at += length
  }
  return translated
}

/** A part of a pattern: how many UTF-16 units it takes, and what stands for it. */
interface Part {
  readonly length: number
  readonly text: string
}

/** RE2 ends lines at line feeds alone. A carriage return at a line's end is taken along. */
const otherLineEnds = '\\r\\x{2028}\\x{2029}'
const space = '\\t-\\r\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const noSpace =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}'

const signs: Readonly<Record<string, string>> = {
  '.': `[^\\n${otherLineEnds}]`,
  '^': `(?:^|[${otherLineEnds}])`,
  $: `(?:$|[${otherLineEnds}])`,
}

function partAt(source: string, at: number): Part {
  const rest = source.slice(at)
  const sign = rest.charAt(0)
  const known = signs[sign]
  if (known !== undefined) return { length: 1, text: known }
  if (sign === '(') return groupAt(rest)
  if (sign === '[') return classAt(rest)
  if (sign === '\\') return escapeAt(rest)
  const count = /^\{\d+(,\d*)?\}/.exec(rest)?.[0]
  if (count !== undefined) return { length: count.length, text: count }
  return ')|*+?'.includes(sign) ? { length: 1, text: sign } : literalAt(rest)
}

function groupAt(rest: string): Part {
  const head = /^\((\?<?[=!]|\?<[^>]*>|\?[a-z-]*:)?/.exec(rest)?.[0] ?? '('
  if (/[=!]$/.test(head)) throw new SyntaxError(`it looks around, by "${head}": ${alternatives}`)
  if (/[ms]/.test(head) && head.endsWith(':')) throw new SyntaxError(`expected no "${head}": only i can be changed`)
  return { length: head.length, text: head.endsWith(':') ? head : '(' }
}

const alternatives = 'the search for it might never end; say it without, or in two claims'

function escapeAt(rest: string): Part {
  const sign = rest.charAt(1)
  if (/[1-9k]/.test(sign)) throw new SyntaxError(`it refers back to a group, by "\\${sign}": ${alternatives}`)
  if (/[dDwWbB]/.test(sign)) return { length: 2, text: `\\${sign}` }
  if (/[sS]/.test(sign)) return { length: 2, text: `[${sign === 's' ? '' : '^'}${space}]` }
  return escapedAt(rest)
}

const controls: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' }

/** A backslash and what it makes one character of, in a class or outside. */
function escapedAt(rest: string): Part {
  const code = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4}))/.exec(rest)
  if (code !== null) return { length: code[0].length, text: `\\x{${code[1] ?? code[2]}}` }
  const letter = /^\\c([A-Za-z])/.exec(rest)?.[1]
  if (letter !== undefined) return { length: 3, text: exactly(String.fromCharCode(letter.charCodeAt(0) % 32)) }
  const control = controls[rest.charAt(1)]
  if (control !== undefined) return { length: 2, text: exactly(control) }
  const { length, text } = literalAt(rest.slice(1))
  return { length: length + 1, text }
}

function literalAt(rest: string): Part {
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
  return { length: character.length, text: /^[\w ]$/.test(character) ? character : exactly(character) }
}

const exactly = (character: string) => `\\x{${character.codePointAt(0)?.toString(16)}}`

/** What a class escape stands for within brackets. */
const inBrackets: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  s: space,
  S: noSpace,
}

/** A class in brackets. RE2 knows names in a class, as [:alpha:], takes no empty one, and no range that ends in \d. */
function classAt(rest: string): Part {
  const isNegated = rest.startsWith('[^')
  let at = isNegated ? 2 : 1
  let members = ''
  while (rest.charAt(at) !== ']') {
    const first = memberAt(rest, at)
    at += first.length
    const isRange = rest.charAt(at) === '-' && rest.charAt(at + 1) !== ']'
    const last = isRange ? memberAt(rest, at + 1) : undefined
    if (last !== undefined) at += 1 + last.length
    const dash = last === undefined ? '' : first.isSet || last.isSet ? '\\x{2d}' : '-'
    members += first.text + dash + (last?.text ?? '')
  }
  const everything = '\\x{0}-\\x{10ffff}'
  if (members === '') return { length: at + 1, text: isNegated ? `[${everything}]` : `[^${everything}]` }
  return { length: at + 1, text: `[${isNegated ? '^' : ''}${members}]` }
}

function memberAt(rest: string, at: number): Part & { readonly isSet: boolean } {
  const member = rest.slice(at)
  if (!member.startsWith('\\')) return { ...literalAt(member), isSet: false }
  const set = inBrackets[member.charAt(1)]
  if (set !== undefined) return { length: 2, text: set, isSet: true }
  if (member.startsWith('\\b')) return { length: 2, text: exactly('\b'), isSet: false }
  return { ...escapedAt(member), isSet: false }
}
