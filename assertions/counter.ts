import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import * as bounds from './parts/bounds.ts'
import { parseJson } from './parts/json-answer.ts'
import { whyUnreadable } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { failed, inconclusive, judged } from './parts/verdict.ts'

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node whose nftables rules count.'),
    of: z.string().min(1).describe('The comment of the rule that counts, or the name of the counter.'),
    ...bounds.boundKeys,
  })
  .refine(bounds.isBounded, bounds.boundsWanted)

const rulesetSchema = z.object({
  nftables: z.array(
    z.object({
      counter: z.object({ name: z.string(), packets: z.int() }).optional(),
      rule: z
        .object({ comment: z.string().optional(), expr: z.array(z.object({ counter: z.unknown().optional() })) })
        .optional(),
    }),
  ),
})
const countSchema = z.object({ packets: z.int() })

type Parameters = z.infer<typeof parameters>
type Item = z.infer<typeof rulesetSchema>['nftables'][number]

/** How many packets a counter of nftables has counted. */
export const counter: Assertion<Parameters> = {
  description: 'A rule or a named counter of nftables has counted so many packets.',
  parameters,
  example: { on: 'switch', of: 'spoofed', count: 3 },
  claim: (wanted) => `"${wanted.of}" on ${wanted.on} has counted ${bounds.renderBounds(wanted, 'packet')}`,
  asksByName: true,
  question: ({ on, of }) => `How many packets will "${of}" on ${on} have counted?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: bounds.defaultWithinMs,
  probe: ({ on }) => [command(on, 'nft', '-j', 'list', 'ruleset')],
  judge: (wanted, [answer]) => judgeCounter(wanted, answer),
}

function judgeCounter(wanted: Parameters, answer: Answer | undefined): Judgement {
  const { on, of } = wanted
  const problem = whyUnreadable(answer)
  if (answer === undefined || problem !== undefined) return inconclusive(`the rules of ${on}: ${problem}`)
  const json = parseJson(answer)
  const ruleset = rulesetSchema.safeParse(json.ok ? json.value : undefined)
  if (!ruleset.success) return inconclusive(`the rules of ${on} are not as nft prints them`)

  const items = ruleset.data.nftables.filter((item) => item.rule?.comment === of || item.counter?.name === of)
  const counts = items.flatMap(packetsOf)
  if (items.length === 0) return failed(`${on} has no rule or counter "${of}"`)
  if (counts.length === 0) return inconclusive(`the rule "${of}" on ${on} does not count`)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return judged(bounds.isWithin(wanted, total), `"${of}" on ${on} has counted ${bounds.plural(total, 'packet')}`)
}

/** A rule counts by an anonymous counter among its expressions; one that names a counter counts there. */
function packetsOf({ counter: named, rule }: Item): readonly number[] {
  if (named !== undefined) return [named.packets]
  return (rule?.expr ?? []).flatMap((expression) => {
    const count = countSchema.safeParse(expression.counter)
    return count.success ? [count.data.packets] : []
  })
}
