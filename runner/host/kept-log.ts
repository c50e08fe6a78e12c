import { closeSync, openSync, writeFileSync } from 'node:fs'

/** A log of what a machine prints. */
export interface KeptLog {
  add(chunk: Uint8Array): void
  /** Can be called twice. */
  close(): void
}

/** A machine can print without end; its log on the host is cut here. */
const limitBytes = 256 * 1024 * 1024

/**
 * Begins a log. Nothing of it throws: what can't be written any more is no fault of who prints it, so the log ends
 * there, and `onLost` receives the cause, once.
 */
export function keepLog(path: string, onLost: (cause: unknown) => void): KeptLog {
  let file: number | undefined
  let written = 0
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (error) {
      onLost(error)
      end()
    }
  }
  const end = () => {
    const closing = file
    file = undefined
    if (closing !== undefined) attempt(() => closeSync(closing))
  }
  attempt(() => {
    file = openSync(path, 'w')
  })
  return {
    add(chunk) {
      const open = file
      if (open === undefined || written >= limitBytes) return
      written += chunk.length
      // Unlike writeSync, writeFileSync goes on after a part was written.
      attempt(() => writeFileSync(open, chunk))
    },
    close: end,
  }
}
