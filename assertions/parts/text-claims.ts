import { z } from 'zod'

/** The claims of a text that assertions share: keys of their parameters. */
export const textKeys = {
  contains: z.string().min(1).optional().describe('Text that stands in what was printed.'),
  lacks: z.string().min(1).optional().describe('Text that does not stand in what was printed.'),
  matches: z
    .string()
    .min(1)
    .refine(isPattern, { error: 'expected a JavaScript regular expression' })
    .optional()
    .describe('A regular expression that is found in what was printed; ^ and $ match at each line.'),
} as const

/** Whether a `matches` is found in a text. @throws SyntaxError for what is no regular expression */
export const isFound = (pattern: string, text: string): boolean => new RegExp(pattern, 'm').test(text)

/** A printed text for a message: on one line, in quotes, shortened in the middle; "nothing" when it is blank. */
export function quote(text: string): string {
  const line = oneLine(text)
  return line === '' ? 'nothing' : `"${line}"`
}

/** A text on one line of at most 160 characters; both its ends are kept. */
export function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ')
  return line.length > 160 ? `${line.slice(0, 80)}…${line.slice(-77)}` : line
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'm')
    return true
  } catch {
    return false
  }
}
