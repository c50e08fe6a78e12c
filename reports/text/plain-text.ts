import { stripVTControlCharacters } from 'node:util'

/**
 * What a machine printed, made harmless: no escape sequences, no control characters but tab and newline, no
 * direction marks, nothing that is illegal in XML 1.0. A carriage return becomes a newline.
 */
export const plainText = (text: string): string => (isPlain.test(text) ? text : withoutControls(text))

/** Most texts are, and to look is much cheaper than to look for all that a text must not have. */
const isPlain = /^[ -~\n\t]*$/

const withoutControls = (text: string) =>
  stripVTControlCharacters(text)
    .toWellFormed()
    .replaceAll(/\r+\n?/g, '\n')
    .replaceAll(/(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu, '')
    .replaceAll(/\p{Noncharacter_Code_Point}/gu, '\ufffd')

/**
 * Lines for a terminal or a log of a CI job in which nothing is a command to who reads that log: GitHub's runner takes
 * `::name::` where a line begins, and `##[name]` anywhere (actions/runner, ActionCommand.cs); Azure's and TeamCity's
 * take `##vso[` and `##teamcity[`. They get a blank.
 */
export const withoutCommands = (lines: string): string =>
  lines
    .replaceAll(/^([^\p{L}\p{N}\n]*?:)(:[a-z][\w-]*(?:::| ))/gimu, '$1 $2')
    .replaceAll(/#(?=#(?:vso|teamcity)?\[)/gi, '# ')

/**
 * A message for a terminal that may hold what a machine, a lab or a foreign file said: without control characters and
 * commands. Lines, tabs and colours stay.
 */
export const plainMessage = (text: string): string =>
  withoutCommands(
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what stays
      .split(/(\x1b\[[\d;]*m)/)
      .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
      .join(''),
  )

/** The text with its middle left out, and said so, when it is longer than `maxChars`; beginning and end stay. */
export function cutMiddle(text: string, maxChars: number): string {
  const leftOut = text.length - maxChars
  if (leftOut <= 0) return text
  const head = Math.ceil((maxChars * 2) / 3)
  const tailFrom = head + leftOut
  return `${text.slice(0, head)}\n[... ${leftOut} characters left out ...]\n${text.slice(tailFrom)}`
}

/** Harmless text of at most about `maxChars` characters. Cut first, so that its cost doesn't grow with the text. */
export const boundedText = (text: string, maxChars: number): string => plainText(cutMiddle(text, maxChars))

/** Harmless text on one line, runs of white space made one space, at most `maxChars` characters. */
export const oneLine = (text: string, maxChars = 400): string =>
  cutLine(
    boundedText(text, 4 * maxChars)
      .replaceAll(/\s+/g, ' ')
      .trim(),
    maxChars,
  )

/** How much of a text is shown. */
export interface LineBounds {
  /** Lines from the beginning. */
  readonly head: number
  /** Lines from the end. */
  readonly tail: number
  /** Characters of a line. */
  readonly width: number
}

const maxCharsSplit = 1 << 18

/** Harmless lines of a text, the middle ones left out (and said so) when there are more than `head + tail`. */
export function boundedLines(text: string, { head, tail, width }: LineBounds): string[] {
  const whole = boundedText(text, maxCharsSplit).trimEnd()
  if (whole === '') return []
  const lines = whole.split('\n')
  const leftOut = lines.length - head - tail
  const shown =
    leftOut <= 0
      ? lines
      : [...lines.slice(0, head), `... ${plural(leftOut, 'line')} left out ...`, ...lines.slice(head + leftOut)]
  return shown.map((line) => cutLine(expandTabs(line), width))
}

/** A count with its noun: `1 case`, `3 cases`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** A time that people read: `0.31 s`, `12.3 s`, `2 min 05 s`. */
export function renderDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '? s'
  const seconds = Math.max(0, durationMs) / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** Cells that a text takes on a terminal: two for a wide East Asian character or an emoji, by a rough rule. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return width
}

/** What a log is called: it has all of an output, lacks so many bytes at its end, or could not be written to it. */
export function outputName(lostBytes: number | undefined, isLost: boolean): string {
  if (isLost) return 'what could be written of the output'
  return lostBytes === undefined ? 'the whole output' : `the output without its last ${plural(lostBytes, 'byte')}`
}

/** The text cut to at most `width` cells. */
export function fitWidth(text: string, width: number): string {
  let used = 0
  let fitted = ''
  for (const character of text) {
    used += displayWidth(character)
    if (used > width) return `${fitted.slice(0, -1)}…`
    fitted += character
  }
  return fitted
}

const cutLine = (line: string, width: number) =>
  line.length <= width ? line : `${line.slice(0, width).toWellFormed()}... (${line.length - width} more characters)`

function expandTabs(line: string) {
  if (!line.includes('\t')) return line
  let expanded = ''
  for (const [index, part] of line.split('\t').entries()) {
    expanded += index === 0 ? part : ' '.repeat(8 - (expanded.length % 8)) + part
  }
  return expanded
}

const isWide = (codePoint: number) =>
  codePoint >= 0x1100 &&
  (codePoint <= 0x115f || (codePoint >= 0x2e80 && codePoint <= 0xd7a3) || codePoint >= 0xf900) &&
  codePoint !== 0xfffd
