import { machineryError } from '../errors.ts'

/**
 * Waits for `promise` no longer than `timeoutMs`.
 * @throws WirelabError of kind machinery `<what>: not within <n> s`, code timed-out, when time is up; the signal's
 * reason when aborted
 */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  // What fails when nobody waits any more is not to end the process.
  promise.catch(() => {})
  signal?.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  let aborted: (() => void) | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(what, timeoutMs)), timeoutMs)
    aborted = () => reject(signal?.reason)
    signal?.addEventListener('abort', aborted, { once: true })
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
    if (aborted) signal?.removeEventListener('abort', aborted)
  }
}

function timedOut(title: string, timeoutMs: number) {
  const problem = `not within ${timeoutMs / 1000} s`
  return machineryError(`${title}: ${problem}`, undefined, undefined, { code: 'timed-out', detail: { title, problem } })
}
