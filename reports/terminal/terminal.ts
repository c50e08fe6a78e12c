import type { EventSink, RunEvent, RunStarted, ScopeStarted } from '../../runner/events.ts'
import { createSummaryFold } from '../run/summary.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import type { Style } from './lines.ts'
import { summaryLines } from './lines.ts'
import { createPaint } from './paint.ts'
import type { ScopeView } from './scope.ts'
import { createScopeView, progressLine } from './scope.ts'
import type { TextStream } from './status-line.ts'
import { createStatusLine } from './status-line.ts'

/** How the terminal report looks. */
export interface TerminalOptions {
  /** Without it, not one escape sequence is written. */
  readonly colour: boolean
  /** Draws a status line that is overwritten; for terminals only. */
  readonly interactive: boolean
  /** Width of the terminal in characters. */
  readonly columns: number
  /** Shows reasons of steps, probes and longer outputs. */
  readonly verbose?: boolean
  /** The results folder, as a person would type it; named where something was left out. */
  readonly results?: string
  /** Milliseconds of any clock that only goes forward. */
  readonly nowMs?: () => number
}

/**
 * A sink that shows a person what happens while it happens. Of several scopes that run at once the oldest is shown as
 * it goes; the others are shown whole once it is finished. Never throws; a stream that breaks is not written to again.
 */
export function createTerminalReporter(stream: TextStream, options: TerminalOptions): EventSink {
  let broken = false
  const attempt = (action: () => void) => {
    if (broken) return
    try {
      action()
    } catch {
      broken = true
    }
  }
  stream.on?.('error', () => {
    broken = true
  })
  const report = createReport({ write: (text) => attempt(() => stream.write(text)) }, options)
  return (event) => attempt(() => report(event))
}

interface RunningScope {
  readonly view: ScopeView
  /** What waits until the scope is shown. */
  readonly lines: string[]
  finished: boolean
}

function createReport(stream: Pick<TextStream, 'write'>, options: TerminalOptions): EventSink {
  const { interactive, columns, results, nowMs = () => performance.now() } = options
  const style: Style = {
    paint: createPaint(options.colour),
    columns,
    verbose: options.verbose === true,
    ...(results === undefined ? {} : { results }),
  }
  const fold = createSummaryFold()
  const scopes = new Map<string, RunningScope>()
  let activity: string | undefined
  let activitySinceMs = nowMs()

  const status = () => {
    if (activity === undefined) return undefined
    const others = scopes.size > 1 ? ` (and ${scopes.size - 1} more)` : ''
    return `${renderDuration(nowMs() - activitySinceMs)}  ${activity}${others}`
  }
  const statusLine = createStatusLine(stream, { interactive, columns, status })

  const setActivity = (text: string | undefined) => {
    if (text === activity) return
    activity = text
    activitySinceMs = nowMs()
  }

  /** Shows what may be shown: the oldest scope, and those that finished while it ran. */
  const show = () => {
    const lines: string[] = []
    const take = (scope: RunningScope) => lines.push(...scope.lines.splice(0))
    const [oldest] = scopes.values()
    if (oldest !== undefined) take(oldest)
    if (oldest?.finished === true) {
      for (const [name, scope] of scopes) {
        if (!scope.finished) continue
        take(scope)
        scopes.delete(name)
      }
      const [next] = scopes.values()
      if (next !== undefined) take(next)
    }
    const [live] = scopes.values()
    if (live !== undefined) setActivity(live.view.activity())
    statusLine.print(lines)
    statusLine.draw()
  }

  const finish = (name: string, scope: RunningScope) => {
    if (scope.finished) return
    const summary = fold.result().scopes.find((one) => one.scope === name)
    if (summary !== undefined) scope.lines.push(...scope.view.end(summary))
    scope.finished = true
  }

  const receiveScoped = (name: string, event: RunEvent) => {
    const scope = scopes.get(name)
    if (scope === undefined) return
    scope.lines.push(...scope.view.receive(event))
    if (event.type === 'scope-finished') finish(name, scope)
    show()
  }

  const begin = (event: ScopeStarted) => {
    const view = createScopeView(event, style, !interactive)
    scopes.set(event.scope, { view, lines: [], finished: false })
  }

  const endRun = () => {
    for (const [name, scope] of scopes) finish(name, scope)
    show()
    setActivity(undefined)
    statusLine.end()
    statusLine.print(summaryLines(fold.result(), style))
  }

  return (event) => {
    fold.add(event)
    if (event.type === 'scope-started') begin(event)
    if (event.type === 'run-started') statusLine.print(headerLines(event, style))
    else if (event.type === 'run-finished') endRun()
    else if (event.type !== 'progress') receiveScoped(event.scope, event)
    else if (event.scope !== undefined) receiveScoped(event.scope, event)
    else if (interactive) {
      setActivity(oneLine(event.message))
      statusLine.draw()
    } else statusLine.print([progressLine(event.message, event.at, style)])
  }
}

function headerLines({ kind, scopes, surroundings }: RunStarted, { paint }: Style) {
  const { wirelab, provider, accelerator, qemu, image, kernel } = surroundings
  const what = plural(scopes.length, kind === 'mutate' ? 'mutation' : 'lab variant')
  const versions = [
    `wirelab ${wirelab}`,
    `${provider === 'qemu' ? provider : `${provider}, qemu`} ${qemu} (${accelerator})`,
    image,
    `kernel ${kernel}`,
  ]
  return [`${paint('bold', what)}  ${paint('dim', versions.map((text) => oneLine(text)).join(', '))}`]
}
