import { z } from 'zod'
import type { Answer, Assertion, Cell, Judgement } from './assertion.ts'
import * as common from './parts/parameters.ts'
import { pingProbe } from './parts/ping-output.ts'
import { judgePing } from './ping.ts'

const reach = z.enum(['reachable', 'unreachable'])
const atLeastOne = (row: object) => Object.keys(row).length > 0

const parameters = z
  .record(
    common.nodeName,
    z
      .record(common.target, reach)
      .refine(atLeastOne, { error: 'expected at least one target in this row' })
      .describe('Per address, or node that declares its address: reachable or unreachable.'),
  )
  .refine(atLeastOne, { error: 'expected at least one row' })

type Table = z.infer<typeof parameters>

interface Pair {
  readonly from: string
  readonly to: string
  readonly is: z.infer<typeof reach>
}

/** Who reaches whom, as a table; all its pings run at once and make one verdict. */
export const reachability: Assertion<Table> = {
  description: 'Who reaches whom: a row for each node that pings, a column for each node or address that it pings.',
  parameters,
  example: { cont1: { cont2: 'reachable', outside: 'unreachable' }, outside: { cont1: 'unreachable' } },
  claim: (table) => Object.entries(table).map(claimRow).join('; '),
  question: (table) => {
    const [only, another] = pairsOf(table)
    return only !== undefined && another === undefined
      ? `Will ${only.from} reach ${only.to}?`
      : 'Who will reach whom? Fill in the table.'
  },
  references: (table) =>
    Object.entries(table).flatMap(([from, row]) => [
      ...common.nodeReference(from, from),
      ...Object.keys(row).flatMap((to) => common.targetReference(to, from, to)),
    ]),
  defaultWithinMs: (table) => (pairsOf(table).some(({ is }) => is === 'reachable') ? 5000 : 0),
  probe: (table, world) =>
    pairsOf(table).map(({ from, to, is }) =>
      pingProbe(from, common.addressOf(to, world), is, { own: world.addresses[from] }),
    ),
  judge: (table, answers) => {
    const results = pairsOf(table).map((pair, index) => judgePair(pair, answers[index]))
    return { ...summarise(results.map(({ judgement }) => judgement)), cells: results.map(({ cell }) => cell) }
  },
}

const pairsOf = (table: Table): readonly Pair[] =>
  Object.entries(table).flatMap(([from, row]) => Object.entries(row).map(([to, is]) => ({ from, to, is })))

function claimRow([from, row]: [string, Table[string]]): string {
  const those = (wanted: string) =>
    Object.entries(row)
      .filter(([, is]) => is === wanted)
      .map(([to]) => to)
  const reached = those('reachable')
  const unreached = those('unreachable')
  if (reached.length === 0) return `${from} cannot reach ${unreached.join(', ')}`
  return `${from} reaches ${reached.join(', ')}${unreached.length === 0 ? '' : ` but not ${unreached.join(', ')}`}`
}

function judgePair(pair: Pair, answer: Answer | undefined): { judgement: Judgement; cell: Cell } {
  const judgement = judgePing(pair.from, pair.to, pair.is, answer)
  const { verdict } = judgement
  const opposite = pair.is === 'reachable' ? 'unreachable' : 'reachable'
  const found = verdict === 'inconclusive' ? judgement.found : verdict === 'passed' ? pair.is : opposite
  return { judgement, cell: { row: pair.from, column: pair.to, wanted: pair.is, found, verdict } }
}

/** One that can't be told leaves the whole table untold; else one wrong cell makes it wrong. */
function summarise(judgements: readonly Judgement[]): Judgement {
  for (const verdict of ['inconclusive', 'failed'] as const) {
    const those = judgements.filter((judgement) => judgement.verdict === verdict)
    if (those.length > 0) return { verdict, found: those.map(({ found }) => found).join('; ') }
  }
  return { verdict: 'passed', found: `all ${judgements.length} pairs are as in the table` }
}
