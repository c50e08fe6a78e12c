/**
 * A readers-writer lock on the host's processors, for scopes that run side by side. Both functions return what their
 * work returns; an abort of the signal ends the wait for their turn. @throws the signal's reason, what the work throws
 */
export interface ProcessorLock {
  /** For measuring: others may measure at the same time, and nothing exclusive happens until they all are done. */
  shared<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** For what takes all processors, as machines do that start: nothing else under the lock happens meanwhile. */
  exclusively<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * A lock that is granted in the order in which it was asked for, but to all who measure at once: a measurement takes
 * many times as long as a start, and those that waited behind starts would be done one by one. Work that fails releases
 * it like any other.
 */
export function makeProcessorLock(): ProcessorLock {
  const waiting: { readonly exclusive: boolean; begin(): void }[] = []
  let shared = 0
  let exclusive = 0
  const beginNext = () => {
    if (exclusive > 0) return
    const [first] = waiting
    if (shared === 0 && first?.exclusive) {
      waiting.shift()
      exclusive++
      first.begin()
      return
    }
    for (const next of waiting.filter((one) => !one.exclusive)) {
      waiting.splice(waiting.indexOf(next), 1)
      shared++
      next.begin()
    }
  }
  const turn = async (exclusive: boolean, signal: AbortSignal) => {
    signal.throwIfAborted()
    const { promise, resolve: begin, reject } = Promise.withResolvers<void>()
    const waiter = { exclusive, begin }
    const leave = () => {
      const at = waiting.indexOf(waiter)
      // Whose turn has come keeps it until its work ends, which sees the abort itself.
      if (at < 0) return
      waiting.splice(at, 1)
      reject(signal.reason)
      beginNext()
    }
    signal.addEventListener('abort', leave, { once: true })
    waiting.push(waiter)
    beginNext()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
  const hold = async <T>(isExclusive: boolean, work: () => Promise<T>, signal: AbortSignal) => {
    await turn(isExclusive, signal)
    try {
      return await work()
    } finally {
      if (isExclusive) exclusive--
      else shared--
      beginNext()
    }
  }
  return {
    shared: (work, signal) => hold(false, work, signal),
    exclusively: (work, signal) => hold(true, work, signal),
  }
}

/** For scopes of which none measures, and for work that is under the lock already. */
export const noLock: ProcessorLock = { shared: (work) => work(), exclusively: (work) => work() }
