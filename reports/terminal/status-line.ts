import { displayWidth, fitWidth, withoutCommands } from '../text/plain-text.ts'

/** What a reporter writes to; `process.stdout` is one. */
export interface TextStream {
  write(text: string): unknown
  on?(event: 'error', listener: (error: Error) => void): unknown
}

/** Lines that stay, and below them one that is drawn again and again. */
export interface StatusLine {
  /** Writes lines for good, in which nothing is a command; the status stands below them afterwards. */
  readonly print: (lines: readonly string[]) => void
  /** Draws the status as it is now. */
  readonly draw: () => void
  /** Takes the status away and stops drawing. */
  readonly end: () => void
}

const intervalMs = 200

/**
 * Keeps a live status at the foot of a terminal. `status` returns its text, undefined for none. Uses no escape
 * sequence, only carriage returns, so it works without colour too. Not interactive: prints lines and nothing else.
 */
export function createStatusLine(
  stream: Pick<TextStream, 'write'>,
  { interactive, columns, status }: { interactive: boolean; columns: number; status: () => string | undefined },
): StatusLine {
  let shownWidth = 0
  let timer: NodeJS.Timeout | undefined

  const erase = () => {
    const eraser = shownWidth === 0 ? '' : `\r${' '.repeat(shownWidth)}\r`
    shownWidth = 0
    return eraser
  }

  const redraw = () => {
    // One cell stays free: a full line would wrap on some terminals, and could not be erased.
    const text = interactive ? fitWidth(status() ?? '', Math.max(0, columns - 1)) : ''
    const erased = erase()
    shownWidth = displayWidth(text)
    return erased + text
  }

  const draw = () => {
    if (!interactive) return
    timer ??= setInterval(draw, intervalMs).unref()
    write(redraw())
  }

  const write = (text: string) => {
    if (text !== '') stream.write(text)
  }

  return {
    print: (lines) => {
      if (lines.length === 0) return
      write(`${erase()}${withoutCommands(lines.map((line) => `${line}\n`).join(''))}${redraw()}`)
    },
    draw,
    end: () => {
      clearInterval(timer)
      timer = undefined
      write(erase())
    },
  }
}
