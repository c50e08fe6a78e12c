import { z } from 'zod'
import { asItLooks, quote, quoteVisibly } from './appearance.ts'
import { parsePattern, whyNoPattern } from './pattern.ts'

/** A regular expression. */
export const patternSchema = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    const message = whyNoPattern(source)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

/** The claims of a text that assertions share: keys of their parameters. */
export const textKeys = {
  contains: z.string().min(1).optional().describe('Text that stands in what was printed.'),
  lacks: z.string().min(1).optional().describe('Text that does not stand in what was printed.'),
  matches: patternSchema
    .optional()
    .describe(
      'A regular expression that is found in what was printed; ^ and $ match at each line. It neither looks around, as (?!x), nor refers back to a group.',
    ),
} as const

/** Whether a `matches` is found in a text. @throws SyntaxError for what is no regular expression */
export const isFound = (pattern: string, text: string): boolean => parsePattern(pattern).isFound(text)

/** A claim of a text. */
export interface TextClaim {
  readonly contains?: string | undefined
  readonly lacks?: string | undefined
  readonly matches?: string | undefined
}

/** What a text says of a claim. */
export interface TextFindings {
  /** Why the claim is false, in words that go on from the text; none where nothing is. */
  readonly mistakes: readonly string[]
  /** The text in quotes, so that what makes the claim false is seen. */
  readonly shown: string
  /** Of a text that is only the beginning: what is missing would decide. */
  readonly unknown: boolean
}

/** Compares a text, or its beginning when it is `cut`, with what is claimed of it. */
export function judgeText({ contains, lacks, matches }: TextClaim, text: string, cut = false): TextFindings {
  const isContained = contains === undefined || text.includes(contains)
  const isLacked = lacks === undefined || !text.includes(lacks)
  const isMatched = matches === undefined || (cut ? isFoundAtBeginning(matches, text) : isFound(matches, text))
  if (cut) {
    const unknown = lacks !== undefined || !isContained || !isMatched
    return { mistakes: isLacked ? [] : [`contains ${quote(lacks)}`], shown: quote(text), unknown }
  }
  const looks = isContained && isMatched ? '' : asItLooks(text)
  const alike = isContained ? '' : asItLooks(contains)
  const asContained = !isContained && looks.includes(alike) ? firstWord(alike) : undefined
  const found = asContained === undefined && !isMatched ? parsePattern(matches).find(looks)?.found : undefined
  const seen = asContained ?? (found === undefined ? undefined : firstWord(found))
  return {
    mistakes: [
      ...(isContained ? [] : [`lacks ${asContained === undefined ? quote(contains) : quoteVisibly(contains, 0)}`]),
      ...(isLacked ? [] : [`contains ${quote(lacks)}`]),
      ...(isMatched ? [] : [`does not match /${matches}/`]),
    ],
    shown: seen === undefined ? quote(text) : quoteVisibly(text, Math.max(0, text.indexOf(seen))),
    unknown: false,
  }
}

/** Whether a pattern is found in the beginning of a text, however that goes on after what is found at its very end. */
function isFoundAtBeginning(pattern: string, text: string): boolean {
  const match = parsePattern(pattern).find(text)
  return match !== undefined && match.index + match.found.length < text.length
}

const firstWord = (text: string): string => /\S+/.exec(text)?.[0] ?? ''
