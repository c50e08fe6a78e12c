import type { Figure, Measurement, Sample } from './measurement.ts'
import { type Fit, fitLine, type Summary, summarize } from './statistics.ts'

/** What was measured of one figure at one of those who were measured in turn. */
export interface FigureResult extends Figure {
  /** `this`, `before`, or a rival's name. */
  readonly who: string
  /** In the order of the rounds. */
  readonly values: readonly number[]
  readonly summary: Summary
  /** Its median in terms of the baseline's. */
  readonly ratio?: number
}

/** What came of a measurement. */
export interface Result {
  readonly measurement: string
  readonly machines?: number
  readonly figures: readonly FigureResult[]
  /** Who was not measured, and why; `failed` when that was not to be expected. */
  readonly missing: readonly { readonly who: string; readonly why: string; readonly failed: boolean }[]
}

/** Sums up the samples of all who were measured. */
export function resultOf(
  { name, figures, machines }: Measurement,
  samples: ReadonlyMap<string, readonly Sample[]>,
  missing: Result['missing'],
): Result {
  const valuesOf = (who: string, figure: Figure) =>
    (samples.get(who) ?? []).flatMap((sample) => sample[figure.name] ?? [])
  const results = figures.flatMap((figure) =>
    [...samples.keys()].flatMap((who): FigureResult[] => {
      const values = valuesOf(who, figure)
      const summary = summarize(values)
      const before = summarize(valuesOf('before', figure))
      if (!summary) return []
      return [{ ...figure, who, values, summary, ...(before ? { ratio: summary.median / before.median } : {}) }]
    }),
  )
  return { measurement: name, ...(machines === undefined ? {} : { machines }), figures: results, missing }
}

/** How a figure grows with the number of machines. */
export interface Growth extends Fit {
  readonly who: string
  readonly figure: string
  readonly unit: Figure['unit']
}

/** Fits a line to the medians of each figure of which there are at least three numbers of machines. */
export function growthOf(results: readonly Result[]): Growth[] {
  const points = results.flatMap(({ machines, figures }) =>
    machines === undefined ? [] : figures.map((figure) => ({ machines, ...figure })),
  )
  const lines = Map.groupBy(points, ({ who, name }) => `${who}\n${name}`)
  return [...lines.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const fit = fitLine([first, ...others].map(({ machines, summary }) => [machines, summary.median] as const))
    return fit ? [{ who: first.who, figure: first.name, unit: first.unit, ...fit }] : []
  })
}
