import { machineryError } from '../errors.ts'

/** What limits are counted by. It may stand still at times, and runs no faster than the host's clock. */
export interface Clock {
  /** Milliseconds since some moment. */
  nowMs(): number
}

const hostClock: Clock = { nowMs: () => performance.now() }

/** Acts when `timeoutMs` have passed by a clock. Returns what calls that off. */
export function afterTime(timeoutMs: number, act: () => void, clock: Clock = hostClock): () => void {
  const untilMs = clock.nowMs() + timeoutMs
  const look = () => {
    const leftMs = untilMs - clock.nowMs()
    // Node's timers may come a millisecond early.
    if (leftMs > 1) timer = setTimeout(look, leftMs)
    else act()
  }
  let timer = setTimeout(look, timeoutMs)
  return () => clearTimeout(timer)
}

/**
 * Waits for `promise` no longer than `timeoutMs`, by `clock` if that is given.
 * @throws WirelabError of kind machinery `<what>: not within <n> s`, code timed-out, when time is up; the signal's
 * reason when aborted
 */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  signal?: AbortSignal,
  clock?: Clock,
): Promise<T> {
  // What fails when nobody waits any more is not to end the process.
  promise.catch(() => {})
  signal?.throwIfAborted()
  let callOff = () => {}
  let aborted: (() => void) | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    callOff = afterTime(timeoutMs, () => reject(timedOut(what, timeoutMs)), clock)
    aborted = () => reject(signal?.reason)
    signal?.addEventListener('abort', aborted, { once: true })
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    callOff()
    if (aborted) signal?.removeEventListener('abort', aborted)
  }
}

/** Waits for `promise` without a limit. @throws the signal's reason when aborted */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // What fails when nobody waits any more is not to end the process.
  promise.catch(() => {})
  signal.throwIfAborted()
  const { promise: abort, reject } = Promise.withResolvers<never>()
  const aborted = () => reject(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  try {
    return await Promise.race([promise, abort])
  } finally {
    signal.removeEventListener('abort', aborted)
  }
}

function timedOut(title: string, timeoutMs: number) {
  const problem = `not within ${timeoutMs / 1000} s`
  return machineryError(`${title}: ${problem}`, undefined, undefined, { code: 'timed-out', detail: { title, problem } })
}
