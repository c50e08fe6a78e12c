import { z } from 'zod'
import type { Answer, Assertion, Cell, Judgement } from './assertion.ts'
import { answerWaitMs } from './parts/answer-wait.ts'
import * as common from './parts/parameters.ts'
import { pingProbe } from './parts/ping-output.ts'
import { inconclusive } from './parts/verdict.ts'
import { whyCut } from './parts/whole.ts'
import { judgePing, slowestOf } from './ping.ts'

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
  description:
    'Who reaches whom: a row for each node that pings, a column for each node or address that it pings. One wrong pair makes the table wrong, also where another could not be tried.',
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
    pairsOf(table).map(({ from, to, is }) => {
      const address = common.addressOf(to, world)
      return pingProbe(from, address, is, { own: world.addresses[from], waitMs: answerWaitMs(address, world) })
    }),
  judgesCut: true,
  judge: (table, answers) => {
    const results = pairsOf(table).map((pair, index) => judgePair(pair, answers[index]))
    const judgements = results.map(({ judgement }) => judgement)
    return { ...summarise(judgements), cells: results.map(({ cell }) => cell), ...slowestOf(judgements) }
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
  const judgement = answer?.cut
    ? inconclusive(`${pair.from} could not tell of ${pair.to}: ${whyCut}`)
    : judgePing(pair.from, pair.to, pair.is, answer)
  const { verdict } = judgement
  const opposite = pair.is === 'reachable' ? 'unreachable' : 'reachable'
  const found = verdict === 'inconclusive' ? judgement.found : verdict === 'passed' ? pair.is : opposite
  return { judgement, cell: { row: pair.from, column: pair.to, wanted: pair.is, found, verdict } }
}

/**
 * One wrong cell makes the table wrong, whatever can't be told beside it; else one that can't be told leaves it untold.
 */
function summarise(judgements: readonly Judgement[]): Judgement {
  const those = (wanted: Judgement['verdict']) => judgements.filter(({ verdict }) => verdict === wanted)
  const notPassed = [...those('failed'), ...those('inconclusive')]
  const [worst] = notPassed
  if (worst === undefined) return { verdict: 'passed', found: `all ${judgements.length} pairs are as in the table` }
  return { verdict: worst.verdict, found: notPassed.map(({ found }) => found).join('; ') }
}
