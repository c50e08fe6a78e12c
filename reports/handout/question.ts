import type { CaseFinished, StepStarted } from '../../runner/events.ts'

/** What to ask of who does the experiment, made of an expectation. */
export interface Question {
  readonly question: string
  /** What the run showed. */
  readonly answer: string
  /** The claim. */
  readonly wanted: string
  /** The commands by which the run looked, with what they printed; empty where it didn't look by commands. */
  readonly evidence: string
  /** The commands by which anybody can look. */
  readonly asked: readonly string[]
  /** For a table to be filled in. */
  readonly cells?: readonly HandoutCell[]
}

/** Who reaches whom. */
export interface HandoutCell {
  readonly row: string
  readonly column: string
  readonly answer: string
}

/** The question of a verdict's claim, and its answer: the lab's own, or else what was found. */
export function askAbout(verdict: CaseFinished): Question {
  const { wanted, found, cells = [], question, answer: own, asked = [], transcript: evidence } = verdict
  const seen = found.startsWith(wanted) ? `${found}.` : `${wanted}. Seen: ${found}.`
  if (cells.length < 2) return { question, answer: own ?? seen, wanted, evidence, asked }
  const table = cells.map((cell) => ({ row: cell.row, column: cell.column, answer: cell.found }))
  return { question, answer: own ?? `${wanted}.`, wanted, evidence, asked, cells: table }
}

/**
 * The questions of a step: its own, where it has one, in place of those of its claims, whose answers are then the
 * answer. Tables stay, to be filled in.
 */
export function questionsOf(
  { question, answer }: Pick<StepStarted, 'question' | 'answer'>,
  ofClaims: readonly Question[],
): readonly Question[] {
  if (question === undefined) return ofClaims
  const [tables, others] = [true, false].map((isTable) =>
    ofClaims.filter(({ cells }) => (cells !== undefined) === isTable),
  ) as [Question[], Question[]]
  const joined = (pick: (one: Question) => string, between: string) => others.map(pick).filter(Boolean).join(between)
  const own = {
    question,
    answer: answer ?? joined((one) => one.answer, ' '),
    wanted: joined((one) => one.wanted, '; '),
    evidence: joined((one) => one.evidence, '\n'),
    asked: others.flatMap(({ asked }) => asked),
  }
  return [own, ...tables]
}
