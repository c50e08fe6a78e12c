import type { CaseFinished } from '../runner/events.ts'

/** What to ask of who does the experiment, made of an expectation. */
export interface Question {
  readonly question: string
  /** What the run showed. */
  readonly answer: string
  /** The claim. */
  readonly wanted: string
  /** For a table to be filled in. */
  readonly cells?: readonly Cell[]
}

/** Who reaches whom. */
export interface Cell {
  readonly row: string
  readonly column: string
  readonly answer: string
}

/**
 * A question whose words do not give the answer away, where the claim's words are known well enough for that. `label`
 * is what the lab calls the claim.
 */
export const askAbout = ({ wanted, found, cells, assertion }: CaseFinished, label: string): Question => {
  const answer = found.startsWith(wanted) ? `${found}.` : `${wanted}. Seen: ${found}.`
  if (cells !== undefined && cells.length > 0) {
    const table = cells.map((cell) => ({ row: cell.row, column: cell.column, answer: cell.found }))
    // A label that speaks of reaching may be the claim itself.
    const about = label === '' || label === assertion || label.includes('reach') ? '' : ` (${label})`
    if (cells.length > 1)
      return { question: `Who will reach whom${about}? Fill in the table.`, answer: `${wanted}.`, wanted, cells: table }
    const [only] = table
    return { question: `Will ${only?.row} reach ${only?.column}?`, answer, wanted }
  }
  return { question: questionOf(wanted, assertion), answer, wanted }
}

const questionOf = (wanted: string, assertion: string) => {
  if (assertion === 'refused') return 'Will the command be accepted? If not, what will it print?'
  for (const [pattern, question] of patterns) if (pattern.test(wanted)) return wanted.replace(pattern, question)
  return `How will you see whether this is so: ${wanted}?`
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^(\S+) (?:reaches|cannot reach) (\S+?)(?:,? (?:within|for) .*)?$/, 'Will $1 reach $2?'],
  [
    /^(\S+) holds (?:no|at least \d+|at most \d+|exactly \d+|\d+) frames? of (.*)$/s,
    'How many frames of $2 will "$1" hold?',
  ],
  [/^(\S+) has (?:not )?learned (\S+) behind (\S+)$/, 'Behind which port will $1 learn $2, if at all?'],
  [/^the longest gap is .*$/s, 'How long will the longest gap be?'],
  [/^the stream (?:recovers|does not recover)$/, 'Will the stream recover?'],
  [/^the stream has .*$/s, 'How many gaps will the stream have?'],
  [/^(?:no|at least \d+|at most \d+|\d+) datagrams? (?:is|are) lost$/, 'How many datagrams will be lost?'],
]
