/**
 * A readers-writer lock on the host's processors, for scopes that run side by side. Both functions return what their
 * work returns; an abort of the signal ends the wait for their turn. @throws the signal's reason, what the work throws
 */
export interface ProcessorLock {
  /** For measuring: others may measure at the same time, and nothing loud happens until they all are done. */
  quietly<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** For what works hard, as machines do that start: nobody measures meanwhile. */
  loudly<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * A lock that is granted in the order in which it was asked for: to at most `turns` who work hard at once, and to all
 * who measure: a measurement takes many times as long as a start, and those that waited behind starts would be done one
 * by one. Work that fails releases it like any other.
 */
export function makeProcessorLock(turns = 1): ProcessorLock {
  const waiting: { readonly isLoud: boolean; begin(): void }[] = []
  let quiet = 0
  let loud = 0
  const beginNext = () => {
    while (quiet === 0 && loud < turns && waiting[0]?.isLoud) {
      loud++
      waiting.shift()?.begin()
    }
    if (loud > 0) return
    for (const next of waiting.filter(({ isLoud }) => !isLoud)) {
      waiting.splice(waiting.indexOf(next), 1)
      quiet++
      next.begin()
    }
  }
  const turn = async (isLoud: boolean, signal: AbortSignal) => {
    signal.throwIfAborted()
    const { promise, resolve: begin, reject } = Promise.withResolvers<void>()
    const waiter = { isLoud, begin }
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
  const hold = async <T>(isLoud: boolean, work: () => Promise<T>, signal: AbortSignal) => {
    await turn(isLoud, signal)
    try {
      return await work()
    } finally {
      if (isLoud) loud--
      else quiet--
      beginNext()
    }
  }
  return {
    quietly: (work, signal) => hold(false, work, signal),
    loudly: (work, signal) => hold(true, work, signal),
  }
}

/** For scopes of which none measures, and for work that is under the lock already. */
export const noLock: ProcessorLock = { quietly: (work) => work(), loudly: (work) => work() }
