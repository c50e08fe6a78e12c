import { createStatusLine } from '../../reports/terminal/status-line.ts'

/** Where it is shown. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'write'> & { readonly columns?: number }

/** What something slow is doing, shown while it lasts. */
export interface ShownProgress {
  /** What is being done now. */
  update(message: string): void
  /** A line that stays. */
  print(line: string): void
  end(): void
}

/**
 * Shows progress on a stream: on a terminal as one line with the elapsed time that is overwritten, else as plain lines.
 */
export function showProgress(stream: ProgressStream, interactive: boolean): ShownProgress {
  const startedMs = performance.now()
  const elapsed = () => `${Math.round((performance.now() - startedMs) / 1000)} s`
  let now: string | undefined
  const line = createStatusLine(stream, {
    interactive,
    columns: stream.columns ?? 80,
    status: () => (now === undefined ? undefined : `${now} … ${elapsed()}`),
  })
  return {
    update(message) {
      if (message === now) return
      now = message
      if (interactive) line.draw()
      else line.print([message])
    },
    print: (text) => line.print([text]),
    end() {
      now = undefined
      line.end()
    },
  }
}
