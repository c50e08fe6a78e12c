/**
 * A readers-writer lock on the host's processors, for scopes that run side by side. Both functions return what their
 * work returns.
 */
export interface ProcessorLock {
  /** For measuring: others may measure at the same time, and nothing exclusive happens meanwhile. */
  shared<T>(work: () => Promise<T>): Promise<T>
  /** For what takes all processors, as machines do that start: nothing else under the lock happens meanwhile. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
}

/** A lock that is granted in the order in which it was asked for; work that fails releases it like any other. */
export function makeProcessorLock(): ProcessorLock {
  const waiting: { readonly exclusive: boolean; begin(): void }[] = []
  let shared = 0
  let exclusive = 0
  const beginNext = () => {
    for (let next = waiting[0]; next && exclusive === 0 && !(next.exclusive && shared > 0); next = waiting[0]) {
      waiting.shift()
      if (next.exclusive) exclusive++
      else shared++
      next.begin()
    }
  }
  const hold = async <T>(isExclusive: boolean, work: () => Promise<T>) => {
    await new Promise<void>((begin) => {
      waiting.push({ exclusive: isExclusive, begin })
      beginNext()
    })
    try {
      return await work()
    } finally {
      if (isExclusive) exclusive--
      else shared--
      beginNext()
    }
  }
  return { shared: (work) => hold(false, work), exclusively: (work) => hold(true, work) }
}

/** For scopes of which none measures, and for work that is under the lock already. */
export const noLock: ProcessorLock = { shared: (work) => work(), exclusively: (work) => work() }
