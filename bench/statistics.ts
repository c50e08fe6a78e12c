/** What several values of one figure come to, in their own unit. */
export interface Summary {
  readonly median: number
  readonly least: number
  readonly most: number
  /** From the least to the most, as a share of the median. */
  readonly spread: number
}

/** Sums values up; undefined when there are none. */
export function summarize(values: readonly number[]): Summary | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const [least] = sorted
  const most = sorted.at(-1)
  const below = sorted[Math.floor((sorted.length - 1) / 2)]
  const above = sorted[Math.ceil((sorted.length - 1) / 2)]
  if (least === undefined || most === undefined || below === undefined || above === undefined) return undefined
  const median = (below + above) / 2
  return { median, least, most, spread: median === 0 ? 0 : (most - least) / median }
}

/** A line through points. */
export interface Fit {
  /** The value at 0. */
  readonly base: number
  /** What each further 1 adds. */
  readonly each: number
  /** The point that is farthest from the line: its value less the line's. */
  readonly largestResidual: { readonly at: number; readonly by: number }
}

/** The line of least squares through points; undefined for fewer than three, through which every line says something. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Fit | undefined {
  if (new Set(points.map(([x]) => x)).size < 3) return undefined
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const middleX = mean(([x]) => x)
  const middleY = mean(([, y]) => y)
  const each = mean(([x, y]) => (x - middleX) * (y - middleY)) / mean(([x]) => (x - middleX) ** 2)
  const base = middleY - each * middleX
  const residuals = points.map(([x, y]) => ({ at: x, by: y - (base + each * x) }))
  const largestResidual = residuals.reduce((one, other) => (Math.abs(other.by) > Math.abs(one.by) ? other : one))
  return { base, each, largestResidual }
}
