/** Does a piece of work when its turn has come, and gives what the work gives. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** A turn for each piece of work, in the order in which they came; one that fails makes way like any other. */
export function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

/** For work that need not wait for any other. */
export const atOnce: Turn = (work) => work()
