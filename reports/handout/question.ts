import type { CaseFinished } from '../../runner/events.ts'

/** What to ask of who does the experiment, made of an expectation. */
export interface Question {
  readonly question: string
  /** What the run showed. */
  readonly answer: string
  /** The claim. */
  readonly wanted: string
  /** For a table to be filled in. */
  readonly cells?: readonly HandoutCell[]
}

/** Who reaches whom. */
export interface HandoutCell {
  readonly row: string
  readonly column: string
  readonly answer: string
}

/**
 * A question whose words do not give the answer away, where the claim's words are known well enough for that. `label`
 * is what the lab calls the claim.
 */
export function askAbout({ wanted, found, cells, assertion }: CaseFinished, label: string): Question {
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

function questionOf(wanted: string, assertion: string) {
  if (assertion === 'refused') return 'Will the command be accepted? If not, what will it print?'
  for (const [pattern, question] of patterns) if (pattern.test(wanted)) return wanted.replace(pattern, question)
  const [, name, facts] = /^(\S+)(?: is a port with| has) (.+)$/s.exec(wanted) ?? []
  if (name !== undefined && facts !== undefined) return `What will ${name} show as ${keysOf(facts)}?`
  return `How will you see whether this is so: ${wanted}?`
}

/** The names in `mtu 1500, operstate "UP"`. */
const keysOf = (facts: string) =>
  [...facts.matchAll(/(?:^|, )([\w.]+) (?:"[^"]*"|\[[^\]]*\]|[^\s,]+)/g)].map(([, key]) => key).join(', ')

/** How assertions word their claims, the special before the general, and what is asked instead. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/^(\S+) (?:reaches|cannot reach) (\S+)( with .*?)?(?:,? (?:within|for) .*)?$/, 'Will $1 reach $2$3?'],
  [
    /^(\S+) holds (?:no|(?:at least |at most |exactly )?\d+) frames? of (.*)$/s,
    'How many frames of $2 will "$1" hold?',
  ],
  [
    /^(\S+) (?:has learned|holds|does not know) (\S+)(?: behind \S+)?(?: at \S+)?( in VLAN \d+)?$/,
    'Behind which port will $1 know $2$3, if at all?',
  ],
  [/^(\S+) (?:knows|does not know) (\S+) as \S+$/, 'As which MAC address will $1 know $2, if at all?'],
  [/^(\S+) (?:has|does not have) the address (\S+)$/, 'Will $1 have the address $2?'],
  [
    /^(\S+) (?:connects to|is refused by|gets no answer from) (\S+ port \S+), seen as .*$/,
    'What will happen when $1 connects to $2, and as whom is it seen?',
  ],
  [
    /^(\S+) (?:connects to|is refused by|gets no answer from) (\S+ port \S+)$/,
    'What will happen when $1 connects to $2?',
  ],
  [/^(\S+) (?:tracks|does not track) (\S+ from [^\s,]+).*$/, 'Will $1 track $2, and as what?'],
  [/^(\S+) is (?:a|no) member of (VLAN \d+).*$/, 'Will $1 be a member of $2, and tagged or not?'],
  [/^(BIRD on \S+|\S+) has (?:a|no) route to (\S+).*?( in table \S+).*$/, 'Which route to $2 will $1 have$3, if any?'],
  [/^(BIRD on \S+|\S+) has (?:a|no) route to (\S+).*$/, 'Which route to $2 will $1 have, if any?'],
  [/^BIRD's (\S+) on (\S+) is .*$/, "In which state will BIRD's $1 on $2 be?"],
  [/^(".*") on (\S+) (?:prints|does not print|exits with) .*$/s, 'What will $1 on $2 print?'],
  [/^(\S+) printed .*$/s, 'What will "$1" have printed?'],
  [/^(".*") on (\S+) has counted .*$/, 'How many packets will $1 on $2 have counted?'],
  [/^(\S+) sends to (\S+) at .*$/, 'How fast will $1 send to $2?'],
  [/^(\S+) is (?:present|absent)$/, 'Will there be a $1?'],
  [/^the longest gap is .*$/s, 'How long will the longest gap be?'],
  [/^the stream (?:recovers|does not recover)$/, 'Will the stream recover?'],
  [/^the stream has .*$/s, 'How many gaps will the stream have?'],
  [/^(?:no|at least \d+|at most \d+|\d+) datagrams? (?:is|are) lost$/, 'How many datagrams will be lost?'],
]
