/** How many scopes run at once, by how those before went: additive increase, multiplicative decrease (AIMD). */
export interface AdaptiveLimit {
  /** The most that it allows. */
  readonly most: number
  /**
   * Waits until one more may begin. Returns what is to be called once, at its end, with whether it could be told; with
   * nothing when none has begun.
   */
  begin(): Promise<(isTold?: boolean) => void>
}

/**
 * How many must be told, without one that could not be, before one more is allowed: at least, and each time twice as many
 * when the last one more was one too many. What such a trial puts in doubt has to be done again.
 */
const leastUntilMore = 8

/**
 * Allows `most` at once, half as many after one that could not be told, and one more again after some that could. What
 * began before such a change says nothing of what is right after it. `onChange` is told each new limit, and the one before.
 */
export function makeAdaptiveLimit(most: number, onChange: (limit: number, before: number) => void): AdaptiveLimit {
  const waiting: (() => void)[] = []
  let limit = most
  let running = 0
  let told = 0
  let untilMore = leastUntilMore
  let isTrial = false
  let changes = 0
  const change = (to: number) => {
    const before = limit
    limit = to
    told = 0
    changes++
    onChange(limit, before)
  }
  const learn = (isTold: boolean) => {
    if (!isTold && limit > 1) {
      if (isTrial) untilMore *= 2
      isTrial = false
      return change(Math.ceil(limit / 2))
    }
    told = isTold ? told + 1 : 0
    if (told < untilMore || limit === most) return
    if (isTrial) untilMore = leastUntilMore
    isTrial = true
    change(limit + 1)
  }
  return {
    most,
    async begin() {
      while (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
      running++
      const changesBefore = changes
      return (isTold) => {
        running--
        if (isTold !== undefined && changes === changesBefore) learn(isTold)
        for (const next of waiting.splice(0)) next()
      }
    },
  }
}
