import { displayWidth } from '../text/plain-text.ts'

/**
 * A line for a terminal of so many columns as lines that each fit, those after the first under where its text begins:
 * behind its indentation and a sign, a number or a prompt. Colours take no room.
 */
export function wrapLine(line: string, columns: number): string[] {
  const parts = line.split(escapes)
  const plain = parts.filter((_, index) => index % 2 === 0).join('')
  if (columns < 1 || displayWidth(plain) <= columns) return [line]
  const indent = Math.min(displayWidth(beginning.exec(plain)?.[0] ?? ''), Math.floor(columns / 2))
  const lines: string[] = []
  let current = ''
  let width = 0
  const breakLine = () => {
    lines.push(current.trimEnd())
    current = ' '.repeat(indent)
    width = indent
  }
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) current += part
    else
      for (const word of part.split(/(?<= )(?=[^ ])/)) {
        if (width > indent && width + displayWidth(word.trimEnd()) > columns) breakLine()
        for (const character of word) {
          if (width + displayWidth(character) > columns && character !== ' ') breakLine()
          current += character
          width += displayWidth(character)
        }
      }
  }
  return [...lines, current.trimEnd()]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are looked for
const escapes = /(\x1b\[[\d;]*m)/

const beginning = /^ *(?:\d+\. |\S+[$&] |(?:wanted|found) +|[^\p{L}\p{N}\s]{1,2} )?/u
