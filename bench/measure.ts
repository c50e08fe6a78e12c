import { messageOf } from '../runner/errors.ts'
import type { Measurement, Rival, Sample, Session } from './measurement.ts'
import { type Result, resultOf } from './result.ts'
import type { Tree } from './run-npm.ts'

export interface MeasureOptions {
  readonly trees: readonly Tree[]
  readonly session: Session
  /** How often, in place of the measurement's own number. */
  readonly rounds?: number
  readonly rivals: boolean
  /** Receives a line, with its line feed, at the beginning of each turn. */
  say(text: string): void
}

/**
 * Measures in rounds in which each checkout, and each rival, has one turn, so that what else goes on meets all of them.
 * Who can't be measured has no further turn, and the result says why.
 * @throws the signal's reason
 */
export async function measure(measurement: Measurement, options: MeasureOptions): Promise<Result> {
  const { session, say, rounds = measurement.rounds } = options
  const missing: Result['missing'][number][] = []
  const contenders = contendersOf(measurement, { ...options, rounds }, missing)
  const samples = new Map<string, Sample[]>(contenders.map(({ who }) => [who, []]))
  for (let round = measurement.isWarmedUp ? 0 : 1; round <= rounds; round++)
    for (const { who, most, sample } of contenders) {
      if (round > most || missing.some((one) => one.who === who)) continue
      say(`${measurement.name}, ${who}, ${round === 0 ? 'not counted' : `round ${round} of ${most}`}\n`)
      try {
        const taken = await sample()
        if (round > 0) samples.get(who)?.push(taken)
      } catch (error) {
        session.signal.throwIfAborted()
        missing.push({ who, why: messageOf(error), failed: true })
      }
    }
  return resultOf(measurement, samples, missing)
}

/** One who has turns. */
interface Contender {
  readonly who: string
  /** How many turns it has. */
  readonly most: number
  sample(): Promise<Sample>
}

function contendersOf(
  measurement: Measurement,
  { trees, session, rounds, rivals }: MeasureOptions & { rounds: number },
  missing: Result['missing'][number][],
): Contender[] {
  const able: Rival[] = []
  for (const rival of rivals ? (measurement.rivals ?? []) : []) {
    const why = rival.lacks()
    if (why === undefined) able.push(rival)
    else missing.push({ who: rival.name, why, failed: false })
  }
  const { machines = 1 } = measurement
  return [
    ...trees.map((tree) => ({
      ...{ who: tree.name, most: rounds },
      sample: () => measurement.sample(tree, session.signal),
    })),
    ...able.map((rival) => ({
      ...{ who: rival.name, most: rival.once ? 1 : rounds },
      sample: () => rival.sample(machines, session),
    })),
  ]
}
