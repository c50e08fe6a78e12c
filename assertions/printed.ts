import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import * as bounds from './parts/bounds.ts'
import { differences } from './parts/subset.ts'
import { isFound, quote, textKeys } from './parts/text-claims.ts'
import { failed, inconclusive, judged } from './parts/verdict.ts'

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
  description: 'A background process has printed what is said here; with count, at-least or at-most, in so many lines.',
  parameters,
  example: { by: 'monitor', contains: 'eth0', 'at-least': 1 },
  claim: (wanted) => `${wanted.by} ${claimOf(wanted)}`,
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
  const all = `${wanted.by} printed ${quote(text)}${state}`
  if (wanted.lacks !== undefined) {
    // What never began to speak lacks everything.
    if (answer.exitCode === 126 || answer.exitCode === 127 || (answer.exitCode > 0 && text === ''))
      return inconclusive(all)
    return judged(!text.includes(wanted.lacks), all)
  }
  const lines = text.split('\n').filter((line) => isMeant(wanted, line))
  const example = lines[0] === undefined ? '' : `, the first: ${quote(lines[0])}`
  if (isCounted(wanted)) {
    const found = `${wanted.by} printed ${bounds.plural(lines.length, 'such line')}${example}${state}`
    return judged(bounds.isWithin(wanted, lines.length), found)
  }
  if (lines.length > 0) return judged(true, `${wanted.by} printed ${quote(lines[0] ?? '')}`)
  const holds =
    wanted.contains !== undefined
      ? text.includes(wanted.contains)
      : wanted.matches !== undefined && isFound(wanted.matches, text)
  return holds ? judged(true, all) : failed(all)
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
