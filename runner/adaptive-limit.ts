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

/** How many must be told, without one that could not be, before one more is allowed. */
const toldUntilMore = 8

/**
 * Allows `most` at once, half as many after one that could not be told, and one more again after some that could. What
 * began before such a change says nothing of what is right after it. `onChange` is told each new limit, and the one before.
 */
export function makeAdaptiveLimit(most: number, onChange: (limit: number, before: number) => void): AdaptiveLimit {
  const waiting: (() => void)[] = []
  let limit = most
  let running = 0
  let told = 0
  let changes = 0
  const change = (to: number) => {
    const before = limit
    limit = to
    told = 0
    changes++
    onChange(limit, before)
  }
  const learn = (isTold: boolean) => {
    if (!isTold && limit > 1) return change(Math.ceil(limit / 2))
    told = isTold ? told + 1 : 0
    if (told === toldUntilMore && limit < most) change(limit + 1)
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
