import { machineryError } from '../errors.ts'

/**
 * Waits for `promise` no longer than `timeoutMs`.
 * @throws WirelabError of kind machinery `<what>: not within <n> s` when time is up, the signal's reason when aborted
 */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  let aborted: (() => void) | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(machineryError(`${what}: not within ${timeoutMs / 1000} s`)), timeoutMs)
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
