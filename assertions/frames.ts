import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { firstLine, whyNotRun } from './parts/answer.ts'
import * as bounds from './parts/bounds.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z
  .strictObject({
    in: z.string().min(1).describe("The capture's name in the lab."),
    filter: z
      .string()
      .refine((text) => text.trim() !== '' && !text.trim().startsWith('-'), {
        error: 'expected a pcap filter, as "icmp and src host 10.0.3.15"',
      })
      .describe('Which frames: a pcap filter, as tcpdump takes it.'),
    ...bounds.boundKeys,
  })
  .refine(bounds.isBounded, bounds.boundsWanted)

type Parameters = z.infer<typeof parameters>

/** How many frames of a capture match a filter. */
export const frames: Assertion<Parameters> = {
  description:
    'A capture holds so many frames that match a pcap filter; that it holds none needs another frame, as proof that it worked.',
  parameters,
  example: { in: 'cable', filter: 'icmp and src host 10.0.3.15', count: 2 },
  claim: (wanted) => `${wanted.in} holds ${bounds.renderBounds(wanted, 'frame')} of "${wanted.filter}"`,
  question: (wanted) => `How many frames that match "${wanted.filter}" will the capture ${wanted.in} hold?`,
  references: (wanted) => [{ kind: 'capture', name: wanted.in, path: ['in'] }],
  defaultWithinMs: bounds.defaultWithinMs,
  probe: (wanted) => [
    { kind: 'capture', capture: wanted.in, filter: wanted.filter },
    ...(bounds.isWithin(wanted, 0) ? [{ kind: 'capture' as const, capture: wanted.in, filter: '' }] : []),
  ],
  judge: (wanted, [answer, all]) => {
    const judgement = judgeFrames(wanted, answer)
    // Nothing in a capture that holds nothing at all proves only that it may not have worked.
    const isProof = judgement.verdict !== 'passed' || all === undefined || countOf(all) > 0
    return isProof ? judgement : inconclusive(`${judgement.found}, and no other frame that shows that it worked`)
  },
}

function judgeFrames(wanted: Parameters, answer: Answer | undefined): Judgement {
  const problem = whyNotRead(answer)
  if (answer === undefined || problem !== undefined) return inconclusive(`${wanted.in} could not be read: ${problem}`)
  const lines = frameLines(answer.stdout)
  const example = lines[0] === undefined ? '' : `, the first: ${lines[0].trim()}`
  return judged(
    bounds.isWithin(wanted, lines.length),
    `${wanted.in} holds ${bounds.plural(lines.length, 'frame')} of "${wanted.filter}"${example}`,
  )
}

const countOf = (answer: Answer): number => (whyNotRead(answer) === undefined ? frameLines(answer.stdout).length : 0)

function whyNotRead(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'it was not asked'
  const problem = whyNotRun(answer)
  if (problem !== undefined || answer.exitCode === 0) return problem
  const message = answer.stderr.split('\n').findLast((line) => line.trim() !== '') ?? firstLine(answer.stdout)
  return message.trim() || `exit code ${answer.exitCode}`
}

/**
 * A frame's line starts with its time, of day or since the epoch (tcpdump(8), -tt). Other lines say more of a frame:
 * some are indented, but those of a frame inside a VXLAN packet are not.
 */
const frameLines = (stdout: string): readonly string[] =>
  stdout.split('\n').filter((line) => /^\d[\d:]*\.\d+ /.test(line))
