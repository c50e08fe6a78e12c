import type { EventSink, RunEvent, RunStarted, ScopeStarted } from '../../runner/events.ts'
import { createOutliner } from '../run/many-scopes.ts'
import { createSummaryFold, type ScopeSummary } from '../run/summary.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import type { Style } from './lines.ts'
import { summaryLines } from './lines.ts'
import { createPaint } from './paint.ts'
import type { ScopeView } from './scope.ts'
import { createScopeView, progressLine } from './scope.ts'
import type { TextStream } from './status-line.ts'
import { createStatusLine } from './status-line.ts'
import { wrapLine } from './wrap.ts'

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

function createReport(stream: Pick<TextStream, 'write'>, options: TerminalOptions): EventSink {
  const { interactive, columns, results, nowMs = () => performance.now() } = options
  const lost = new Set<string>()
  const introduced = new Set<string>()
  const style: Style = {
    paint: createPaint(options.colour),
    columns,
    verbose: options.verbose === true,
    lost,
    ...(results === undefined ? {} : { results }),
  }
  const fold = createSummaryFold()
  const outline = createOutliner()
  const scopes = createScopeQueue()
  const activity = createActivity(nowMs)
  const statusLine = createStatusLine(stream, { interactive, columns, status: () => activity.status(scopes.count()) })
  // Who looks for a line in a log finds it whole.
  const print = (lines: readonly string[]) =>
    statusLine.print(interactive ? lines.flatMap((line) => wrapLine(line, columns)) : lines)

  const show = () => {
    const lines = scopes.take()
    const live = scopes.live()
    if (live !== undefined) activity.set(live.activity())
    print(lines)
    statusLine.draw()
  }
  const receiveScoped = (name: string, event: RunEvent) => {
    scopes.receive(name, event)
    if (event.type === 'scope-finished') scopes.finish(name, fold.resultOf)
    show()
  }
  const begin = (event: ScopeStarted) => {
    const view = { showProgress: !interactive, introduces: !introduced.has(event.lab) }
    introduced.add(event.lab)
    scopes.begin(event.scope, createScopeView(event, style, view))
  }
  const endRun = () => {
    scopes.finishAll(fold.resultOf)
    show()
    activity.set(undefined)
    statusLine.end()
    print(summaryLines(fold.result(), style))
  }

  return (event) => {
    fold.add(outline(event))
    if (event.type === 'record-lost') lost.add(event.path)
    if (event.type === 'scope-started') begin(event)
    if (event.type === 'run-started') print(headerLines(event, style))
    else if (event.type === 'run-finished') endRun()
    else if (event.scope !== undefined) receiveScoped(event.scope, event)
    else if (event.type !== 'progress') return
    else if (interactive) {
      activity.set(oneLine(event.message))
      statusLine.draw()
    } else print([progressLine(event.message, event.at, style)])
  }
}

/** What goes on, and since when, for the status line. */
function createActivity(nowMs: () => number) {
  let activity: string | undefined
  let sinceMs = nowMs()
  return {
    set: (text: string | undefined) => {
      if (text === activity) return
      activity = text
      sinceMs = nowMs()
    },
    status: (running: number) => {
      if (activity === undefined) return undefined
      const others = running > 1 ? ` (and ${running - 1} more)` : ''
      return `${renderDuration(nowMs() - sinceMs)}  ${activity}${others}`
    },
  }
}

interface RunningScope {
  readonly view: ScopeView
  /** What waits until the scope is shown. */
  readonly lines: string[]
  finished: boolean
}

type FindSummary = (scope: string) => ScopeSummary | undefined

/** The scopes whose lines have not all been shown, the oldest first. */
function createScopeQueue() {
  const scopes = new Map<string, RunningScope>()
  const finish = (name: string, summaryOf: FindSummary) => {
    const scope = scopes.get(name)
    if (scope === undefined || scope.finished) return
    const summary = summaryOf(name)
    if (summary !== undefined) scope.lines.push(...scope.view.end(summary))
    scope.finished = true
  }
  return {
    begin: (name: string, view: ScopeView) => scopes.set(name, { view, lines: [], finished: false }),
    receive: (name: string, event: RunEvent) => {
      const scope = scopes.get(name)
      scope?.lines.push(...scope.view.receive(event))
    },
    finish,
    finishAll: (summaryOf: FindSummary) => {
      for (const name of scopes.keys()) finish(name, summaryOf)
    },
    count: () => scopes.size,
    live: () => scopes.values().next().value?.view,
    /** The lines that may be shown now: those of the oldest scope, and of those that finished while it ran. */
    take: (): string[] => {
      const lines: string[] = []
      const takeFrom = (scope: RunningScope | undefined) => lines.push(...(scope?.lines.splice(0) ?? []))
      const oldest = scopes.values().next().value
      takeFrom(oldest)
      if (oldest?.finished !== true) return lines
      for (const [name, scope] of scopes) {
        if (!scope.finished) continue
        takeFrom(scope)
        scopes.delete(name)
      }
      takeFrom(scopes.values().next().value)
      return lines
    },
  }
}

function headerLines({ kind, scopes, surroundings, mutants }: RunStarted, { paint }: Style) {
  const { wirelab, provider, accelerator, qemu, image, kernel } = surroundings
  const what =
    mutants === undefined
      ? plural(scopes.length, kind === 'mutate' ? 'mutation' : 'lab variant')
      : renderMutantCount(mutants, scopes.length)
  const versions = [
    `wirelab ${wirelab}`,
    `${provider === 'qemu' ? provider : `${provider}, qemu`} ${qemu} (${accelerator})`,
    image,
    `kernel ${kernel}`,
  ]
  return [`${paint('bold', what)}  ${paint('dim', versions.map((text) => oneLine(text)).join(', '))}`]
}

/** How many mutants are tried, and by which seed they were drawn. */
const renderMutantCount = ({ of, seed }: NonNullable<RunStarted['mutants']>, count: number): string =>
  `${count === of ? '' : `${count} of `}${plural(of, 'mutant')}${seed === undefined ? '' : `, by seed ${seed}`}`
