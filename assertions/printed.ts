import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { quote } from './parts/appearance.ts'
import * as bounds from './parts/bounds.ts'
import { differences } from './parts/subset.ts'
import { isFound, judgeText, textKeys } from './parts/text-claims.ts'
import { failed, inconclusive, judged, passed } from './parts/verdict.ts'
import { whyCut } from './parts/whole.ts'

const parameters = z
  .strictObject({
    by: z.string().min(1).describe('The id of a background process that a step started.'),
    ...textKeys,
    json: z.unknown().optional().describe('What one of its lines, read as JSON, must hold; more may stand beside it.'),
    ...bounds.boundKeys,
  })
  .refine(claimsOneThing, { error: 'expected one of contains, lacks, matches, json' })
  .refine((wanted) => !isCounted(wanted) || (wanted.lacks === undefined && bounds.isBounded(wanted)), {
    error: 'expected count, at-least or at-most to say how many lines have what contains, matches or json says',
  })

type Parameters = z.infer<typeof parameters>

/** What a background process printed, on its standard output and its standard error. */
export const printed: Assertion<Parameters> = {
  description:
    'A background process on a machine that runs has printed what is said here; with count, at-least or at-most, in so many lines.',
  judgesCut: true,
  parameters,
  example: { by: 'monitor', contains: 'eth0', 'at-least': 1 },
  claim: (wanted) => `${wanted.by} ${claimOf(wanted)}`,
  asksByName: true,
  question: (wanted) =>
    isCounted(wanted)
      ? `How many lines of ${renderText(wanted)} will the process ${wanted.by} have printed?`
      : `What will the process ${wanted.by} have printed?`,
  references: ({ by }) => [{ kind: 'process', name: by, path: ['by'] }],
  defaultWithinMs: (wanted) =>
    wanted.lacks !== undefined ? 0 : isCounted(wanted) ? bounds.defaultWithinMs(wanted) : 5000,
  probe: ({ by }) => [{ kind: 'process', process: by }],
  judge: (wanted, [answer]) => judgePrinted(wanted, answer),
}

function judgePrinted(wanted: Parameters, answer: Answer | undefined): Judgement {
  if (answer === undefined) return inconclusive(`${wanted.by} was not asked`)
  const text = `${answer.stdout}\n${answer.stderr}`.trim()
  const state = answer.exitCode === -1 ? '' : ` and ended with exit code ${answer.exitCode}`
  const { mistakes, shown, unknown } = judgeText(wanted, text, answer.cut)
  const all = `${wanted.by} printed ${shown}${state}`
  if (wanted.lacks !== undefined) {
    // What never began to speak lacks everything.
    if (answer.exitCode === 126 || answer.exitCode === 127 || (answer.exitCode > 0 && text === ''))
      return inconclusive(all)
    if (mistakes.length > 0) return failed(all)
    return unknown ? inconclusive(`${wanted.by}: ${whyCut}`) : passed(all)
  }
  const lines = linesOf(answer).filter((line) => isMeant(wanted, line))
  if (isCounted(wanted)) return judgeCount(wanted, lines, answer.cut, state)
  if (lines.length > 0) return passed(`${wanted.by} printed ${quote(lines[0] ?? '')}`)
  if (answer.cut) return inconclusive(`${wanted.by}: ${whyCut}`)
  return judged(wanted.json === undefined && mistakes.length === 0, all)
}

function judgeCount(wanted: Parameters, lines: readonly string[], cut = false, state: string): Judgement {
  const example = lines[0] === undefined ? '' : `, the first: ${quote(lines[0])}`
  const found = `${wanted.by} printed ${bounds.plural(lines.length, 'such line')}${example}${state}`
  if (!cut) return judged(bounds.isWithin(wanted, lines.length), found)
  const holds = bounds.isWithinAtLeast(wanted, lines.length)
  return holds === undefined ? inconclusive(`${wanted.by}: ${whyCut}`) : judged(holds, found)
}

/** The lines of both streams; of one that was cut, the last may be only its beginning. */
function linesOf({ stdout, stderr, cut }: Answer): readonly string[] {
  if (!cut) return `${stdout}\n${stderr}`.trim().split('\n')
  return [stdout, stderr].flatMap((text) => text.split('\n').slice(0, -1))
}

function isMeant({ contains, matches, json }: Parameters, line: string): boolean {
  if (contains !== undefined) return line.includes(contains)
  if (matches !== undefined) return isFound(matches, line)
  try {
    return differences(json, JSON.parse(line)).length === 0
  } catch {
    return false
  }
}

function claimOf(wanted: Parameters): string {
  if (wanted.lacks !== undefined) return `has not printed ${quote(wanted.lacks)}`
  const what = renderText(wanted)
  return isCounted(wanted) ? `printed ${bounds.renderBounds(wanted, 'line')} of ${what}` : `printed ${what}`
}

function renderText({ contains, matches, json }: Parameters): string {
  if (contains !== undefined) return quote(contains)
  return matches !== undefined ? `what matches /${matches}/` : `JSON that holds ${quote(JSON.stringify(json))}`
}

const isCounted = (wanted: bounds.Bounds): boolean =>
  wanted.count !== undefined || wanted['at-least'] !== undefined || wanted['at-most'] !== undefined

function claimsOneThing(wanted: object): boolean {
  return ['contains', 'lacks', 'matches', 'json'].filter((key) => Object.hasOwn(wanted, key)).length === 1
}
