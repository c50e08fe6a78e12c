import type { StepAction } from '../../lab.ts'
import { maxPartLength } from './mutant-allowance.ts'
import type { Change, Edit, MutableStep, MutableText } from './mutator.ts'

/** What of a part is another word: its offsets in the part, and the other word. */
export interface Spot {
  readonly start: number
  readonly end: number
  readonly with: string
}

/** The changes that come of the spots found in each part of a step's texts: one for each list of spots. */
export const changesOf = (
  { texts }: MutableStep,
  find: (part: string, text: MutableText) => readonly (readonly Spot[])[],
): readonly Change[] =>
  texts.flatMap((text) =>
    text.parts.flatMap((part) =>
      (part.text.length > maxPartLength ? [] : find(part.text, text)).flatMap((spots): Change[] => {
        if (spots.some(({ start }) => isInComment(part.text, start))) return []
        const [first, ...more] = spots.map(
          (spot): Edit => ({ start: part.start + spot.start, end: part.start + spot.end, with: spot.with }),
        )
        return first === undefined ? [] : [{ what: 'words', text, part, edits: [first, ...more] }]
      }),
    ),
  )

/** Whether an offset is in a line that is a comment, as in the file that a here-document makes. */
const isInComment = (text: string, offset: number): boolean =>
  /^\s*#/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1))

/**
 * A spot for each match of a pattern with the flags g and d, where its group `word` is; `other` returns the other word,
 * undefined where there is none.
 */
export const spotsOf = (
  part: string,
  pattern: RegExp,
  other: (word: string, match: RegExpExecArray) => string | undefined,
): readonly (readonly Spot[])[] =>
  Array.from(part.matchAll(pattern)).flatMap((match) => {
    const [start, end] = match.indices?.groups?.['word'] ?? [0, 0]
    const word = part.slice(start, end)
    const instead = other(word, match)
    return instead === undefined || instead === word ? [] : [[{ start, end, with: instead }]]
  })

/** Whether something is claimed of what an action does. */
export const actionHasCases = ({ cases }: StepAction): boolean => cases.length > 0
