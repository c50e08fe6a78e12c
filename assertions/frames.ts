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
    'A capture holds so many frames that match a pcap filter; that it holds none needs another frame, as proof that it worked. One that lost frames, of any kind, tells nothing.',
  judgesCut: true,
  parameters,
  example: { in: 'cable', filter: 'icmp and src host 10.0.3.15', count: 2 },
  claim: (wanted) => `${wanted.in} holds ${bounds.renderBounds(wanted, 'frame')} of "${wanted.filter}"`,
  asksByName: true,
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
  const problem = whyNotCounted(answer)
  if (answer?.frames === undefined || problem !== undefined)
    return inconclusive(`${wanted.in} could not be read: ${problem}`)
  const held = `${wanted.in} holds ${bounds.plural(answer.frames, 'frame')} of "${wanted.filter}"`
  if (answer.dropped) return inconclusive(`${held}, but it lost ${bounds.plural(answer.dropped, 'frame')} of any kind`)
  const holds = answer.cut ? bounds.isWithinAtLeast(wanted, answer.frames) : bounds.isWithin(wanted, answer.frames)
  if (holds === undefined) return inconclusive(`${held}, but it ended when there was no room for more`)
  const example = answer.frames === 0 ? '' : firstLine(answer.stdout)
  return judged(holds, `${held}${example === '' ? '' : `, the first: ${example}`}`)
}

const countOf = (answer: Answer): number => (whyNotCounted(answer) === undefined ? (answer.frames ?? 0) : 0)

function whyNotCounted(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'it was not asked'
  const problem = answer.exitCode < 0 ? undefined : whyNotRun(answer)
  if (problem !== undefined || (answer.exitCode === 0 && answer.frames !== undefined)) return problem
  const message = answer.stderr.split('\n').findLast((line) => line.trim() !== '') ?? firstLine(answer.stdout)
  return message.trim() || `exit code ${answer.exitCode}`
}
