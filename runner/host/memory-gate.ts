import { machineryError } from '../errors.ts'
import { freeMemoryMiB } from './free-memory.ts'

/** The memory of machines that were let in. */
export interface MemoryShare {
  /** They have started: what they take shows in what the host has free. */
  started(): void
  /** They are gone. */
  end(): void
}

/** Lets machines in. `what` is what they are called where they are refused. */
export type MemoryGate = (what: string, neededMiB: number, signal: AbortSignal) => Promise<MemoryShare>

/**
 * A gate before machines start: it lets them in when the host has free what they will need, beside what those need that
 * are starting. Otherwise they wait for others that were let in to end.
 * @throws from the gate: WirelabError of kind machinery when there are none to wait for; the signal's reason
 */
export function makeMemoryGate(freeMiB: () => number = freeMemoryMiB): MemoryGate {
  const shares = new Set<{ readonly neededMiB: number; starting: boolean }>()
  let change = Promise.withResolvers<void>()
  const changed = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  const promisedMiB = () => [...shares].reduce((sum, { neededMiB, starting }) => sum + (starting ? neededMiB : 0), 0)

  return async (what, neededMiB, signal) => {
    for (;;) {
      signal.throwIfAborted()
      const free = freeMiB()
      if (neededMiB <= free - promisedMiB()) break
      if (shares.size === 0)
        throw machineryError(
          `cannot start ${what}: ${neededMiB} MiB of memory are needed, and ${free} MiB are free`,
          'End other programs, or raise the memory limit of the container or control group that this runs in.',
        )
      await orAborted(change.promise, signal)
    }
    const share = { neededMiB, starting: true }
    shares.add(share)
    return {
      started() {
        share.starting = false
        changed()
      },
      end() {
        shares.delete(share)
        changed()
      },
    }
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
