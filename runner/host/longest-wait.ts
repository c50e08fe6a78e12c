import { setTimeout as sleep } from 'node:timers/promises'

/** How often this process asks for a processor, in milliseconds. */
const intervalMs = 5

/**
 * Asks for a processor of the host again and again.
 * @returns how many milliseconds it came too late at most
 * @throws the signal's reason
 */
export async function longestWaitMs(forMs: number, signal: AbortSignal): Promise<number> {
  const endMs = performance.now() + forMs
  let longestMs = 0
  for (let askedMs = performance.now(); askedMs < endMs; ) {
    await sleep(intervalMs, undefined, { signal })
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - askedMs - intervalMs)
    askedMs = nowMs
  }
  return longestMs
}
