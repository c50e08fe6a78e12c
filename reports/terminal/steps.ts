import type { EventSink } from '../../runner/events.ts'
import { createPaint } from './paint.ts'
import { createScopeView, progressLine, type ScopeView } from './scope.ts'
import { createStatusLine, type TextStream } from './status-line.ts'
import type { TerminalOptions } from './terminal.ts'

/**
 * A sink that shows the steps of one scope as they are done, and nothing of a run around them. The scope's heading is
 * shown where that is wanted.
 */
export function createStepsReporter(
  stream: TextStream,
  { colour, columns, verbose = false, heading }: Omit<TerminalOptions, 'interactive'> & { readonly heading: boolean },
): EventSink {
  const style = { paint: createPaint(colour), columns, verbose, lost: new Set<string>() }
  const { print } = createStatusLine(stream, { interactive: false, columns, status: () => undefined })
  let view: ScopeView | undefined
  return (event) => {
    if (event.type === 'scope-started')
      view = createScopeView(event, style, { showProgress: true, introduces: heading })
    const lines =
      view?.receive(event) ?? (event.type === 'progress' ? [progressLine(event.message, event.at, style)] : [])
    if (heading || event.type !== 'scope-started') print(lines)
  }
}
