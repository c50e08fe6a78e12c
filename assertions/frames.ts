import { z } from 'zod'
import { firstLine, whyNotRun } from './answer.ts'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { inconclusive, judged } from './verdict.ts'

const parameters = z
  .strictObject({
    in: z.string().min(1).describe("The capture's name in the lab."),
    filter: z
      .string()
      .refine((text) => text.trim() !== '' && !text.trim().startsWith('-'), {
        error: 'expected a pcap filter, as "icmp and src host 10.0.3.15"',
      })
      .describe('Which frames: a pcap filter, as tcpdump takes it.'),
    count: z.int().min(0).optional().describe('Exactly so many frames.'),
    'at-least': z.int().min(1).optional().describe('So many frames or more.'),
    'at-most': z.int().min(0).optional().describe('So many frames or fewer.'),
  })
  .refine(hasBounds, { error: 'expected count, or at-least and at-most, or one of these' })
  .refine((wanted) => (wanted['at-least'] ?? 0) <= (wanted['at-most'] ?? Number.POSITIVE_INFINITY), {
    error: 'expected at-least to be no more than at-most',
  })

type Parameters = z.infer<typeof parameters>

/** How many frames of a capture match a filter. */
export const frames: Assertion<Parameters> = {
  description: 'A capture holds so many frames that match a pcap filter.',
  parameters,
  claim: (wanted) => `${wanted.in} holds ${renderBounds(wanted)} of "${wanted.filter}"`,
  references: (wanted) => [{ kind: 'capture', name: wanted.in, path: ['in'] }],
  defaultWithinMs: (wanted) => (wanted['at-least'] !== undefined && wanted['at-most'] === undefined ? 5000 : 0),
  probe: (wanted) => [{ kind: 'capture', capture: wanted.in, filter: wanted.filter }],
  judge: (wanted, [answer]) => judgeFrames(wanted, answer),
}

function judgeFrames(wanted: Parameters, answer: Answer | undefined): Judgement {
  const problem = whyNotRead(answer)
  if (answer === undefined || problem !== undefined) return inconclusive(`${wanted.in} could not be read: ${problem}`)
  const lines = frameLines(answer.stdout)
  const least = wanted.count ?? wanted['at-least'] ?? 0
  const most = wanted.count ?? wanted['at-most'] ?? Number.POSITIVE_INFINITY
  const example = lines[0] === undefined ? '' : `, the first: ${lines[0].trim()}`
  return judged(
    least <= lines.length && lines.length <= most,
    `${wanted.in} holds ${plural(lines.length)} of "${wanted.filter}"${example}`,
  )
}

function whyNotRead(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'it was not asked'
  const problem = whyNotRun(answer)
  if (problem !== undefined || answer.exitCode === 0) return problem
  const message = answer.stderr.split('\n').findLast((line) => line.trim() !== '') ?? firstLine(answer.stdout)
  return message.trim() || `exit code ${answer.exitCode}`
}

/** tcpdump(8) starts a frame at the margin and indents what else it prints of it. */
function frameLines(stdout: string): readonly string[] {
  return stdout.split('\n').filter((line) => /^\S/.test(line))
}

function hasBounds(wanted: { count?: unknown; 'at-least'?: unknown; 'at-most'?: unknown }): boolean {
  const range = wanted['at-least'] !== undefined || wanted['at-most'] !== undefined
  return (wanted.count !== undefined) !== range
}

function renderBounds(wanted: Parameters): string {
  if (wanted.count !== undefined) return wanted.count === 0 ? 'no frame' : plural(wanted.count)
  const least = wanted['at-least'] === undefined ? '' : `at least ${wanted['at-least']}`
  const most = wanted['at-most'] === undefined ? '' : `at most ${wanted['at-most']}`
  return `${[least, most].filter(Boolean).join(' and ')} frames`
}

function plural(count: number): string {
  return count === 1 ? '1 frame' : `${count} frames`
}
