import type { CaseFinished } from '../../runner/events.ts'

/** What to ask of who does the experiment, made of an expectation. */
export interface Question {
  readonly question: string
  /** What the run showed. */
  readonly answer: string
  /** The claim. */
  readonly wanted: string
  /** The commands by which the run looked, with what they printed; empty where it didn't look by commands. */
  readonly evidence: string
  /** For a table to be filled in. */
  readonly cells?: readonly HandoutCell[]
}

/** Who reaches whom. */
export interface HandoutCell {
  readonly row: string
  readonly column: string
  readonly answer: string
}

/** The question of a verdict's claim, and its answer. A table is called by what the lab calls the claim. */
export function askAbout({ wanted, found, cells = [], claim, question, transcript: evidence }: CaseFinished): Question {
  const answer = found.startsWith(wanted) ? `${found}.` : `${wanted}. Seen: ${found}.`
  if (cells.length < 2) return { question, answer, wanted, evidence }
  const table = cells.map((cell) => ({ row: cell.row, column: cell.column, answer: cell.found }))
  // A name that speaks of reaching may be the claim itself.
  const about = claim.includes('reach') ? '' : ` (${claim})`
  return { question: question.replace('?', `${about}?`), answer: `${wanted}.`, wanted, evidence, cells: table }
}
