import { oneLine } from './plain-text.ts'

/** Text on one line in which nothing is Markdown or HTML, at most `maxChars` characters of it. */
export const inlineMarkdown = (text: string, maxChars = 2000): string =>
  oneLine(text, maxChars)
    .replaceAll(/[\\`*_[\]<>|#&~@]/g, '\\$&')
    // What would begin a list or a heading.
    .replace(/^(\d*)([-+=.)])(?=[\s=-]|$)/, '$1\\$2')

/** Text as code on one line, which ends where it should. A blank at each end is none of it (CommonMark 6.1). */
export function codeMarkdown(text: string): string {
  const line = oneLine(text)
  const fence = fenceFor(line, 1)
  return fence === '`' ? `\`${line}\`` : `${fence} ${line} ${fence}`
}

/** Backticks that end no sooner than they should: more than stand together in the text, at least so many. */
export const fenceFor = (text: string, atLeast: number): string =>
  '`'.repeat(Math.max(atLeast, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))
