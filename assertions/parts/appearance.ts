/** A printed text for a message: on one line, in quotes, shortened in the middle; "nothing" when it is blank. */
export function quote(text: string): string {
  const line = oneLine(text)
  return line === '' ? 'nothing' : `"${line}"`
}

/** A text on one line of at most 160 characters; both its ends are kept. */
export function oneLine(text: string): string {
  const line = endsOf(text.trim()).replaceAll(/\s*\n\s*/g, ' ⏎ ')
  return line.length > 160 ? `${line.slice(0, 80)}…${line.slice(-77)}` : line
}

/** The ends of a text that is much longer than what is shown of it. */
const endsOf = (text: string): string => (text.length > 4000 ? text.slice(0, 2000) + text.slice(-2000) : text)

/** What an eye sees of a text: no line ends but line feeds, no blanks at the ends of lines, no controls, no forms. */
export const asItLooks = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Cc}]/gu, (control) => (/\s/.test(control) ? control : ''))
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim()

/** Two texts that differ, quoted so that they differ for the eye: where they don't, from their first difference on. */
export function quoteApart(one: string, other: string): readonly [string, string] {
  if (quote(one) !== quote(other) && asItLooks(one) !== asItLooks(other)) return [quote(one), quote(other)]
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return [quoteVisibly(one, at), quoteVisibly(other, at)]
}

/** A part of a text around a place, quoted with all that prints nothing made visible. */
export function quoteVisibly(text: string, at: number): string {
  const from = at < 80 ? 0 : at - 40
  const part = text.slice(from, from + 160)
  return `"${from > 0 ? '…' : ''}${visible(part)}${from + part.length < text.length ? '…' : ''}"`
}

const signs: Readonly<Record<string, string>> = { '\n': '⏎', '\r': '␍', '\t': '␉', ' ': '␠' }

/** Between two letters a blank is seen; beside another, or at an end, it is not. */
const visible = (text: string): string =>
  text.replaceAll(
    /(?<=^|\s) | (?=\s|$)|[\n\r\t]|(?! )[\p{C}\p{Z}\p{M}]/gu,
    (hidden) => signs[hidden] ?? `\\u{${hidden.codePointAt(0)?.toString(16)}}`,
  )
