import { parseEvents } from '../../reports/run/json-lines.ts'
import { createOutliner, manyScopes } from '../../reports/run/many-scopes.ts'
import { isTrouble } from '../../reports/run/outcomes.ts'
import { buildStory, type RunStory, retellScope, tellScope } from '../../reports/run/story.ts'
import { createSummaryFold } from '../../reports/run/summary.ts'
import type { RunEvent } from '../events.ts'
import { type ResultLine, readPieces } from '../host/results-files.ts'
import { eachRunEvent, readRunEvents } from './read-run-events.ts'

/** Of more scopes that did not pass, what was printed is not read again. */
const maxRetold = 1000

/**
 * The story of a results folder. Of a run of very many scopes outlines are kept alone, and where the lines of each are:
 * those that did not pass are read again when they are told.
 * @throws as `eachRunEvent`
 */
export function readStory(folder: string, { watch = () => {}, checked = false }: ReadingOptions = {}): RunStory {
  const [first] = eachRunEvent(folder)
  if (first?.event.type !== 'run-started' || first.event.scopes.length <= manyScopes) {
    const events = readRunEvents(folder)
    for (const event of events) watch(event)
    return buildStory(events)
  }
  const outline = createOutliner()
  const fold = createSummaryFold()
  const pieces = new Map<string, Piece[]>()
  for (const { event, line } of eachRunEvent(folder, { checked })) {
    watch(event)
    fold.add(outline(event))
    if ('scope' in event && event.scope !== undefined && event.type !== 'progress') note(pieces, event.scope, line)
  }
  const summary = fold.result()
  const triesOf = Map.groupBy(summary.retries, ({ started }) => started?.retryOf)
  const told = [...summary.scopes, ...summary.retries].filter(({ outcome }) => isTrouble(outcome)).slice(0, maxRetold)
  const retold = new Set(told.map(({ scope }) => scope))
  return {
    summary,
    tell: (scope) => {
      if (!retold.has(scope.scope)) return tellScope(scope, [])
      const tries = [scope, ...(triesOf.get(scope.scope) ?? [])]
      const texts = readPieces(
        folder,
        'events.jsonl',
        tries.flatMap((one) => pieces.get(one.scope) ?? []),
      )
      return retellScope(scope, parseEvents(texts.join(''))) ?? tellScope(scope, [])
    },
  }
}

export interface ReadingOptions {
  /** Receives each event, in its order. */
  readonly watch?: (event: RunEvent) => void
  /** All events were read by `eachRunEvent` before. */
  readonly checked?: boolean
}

interface Piece {
  readonly from: number
  to: number
}

/** Lines that follow each other are one piece. */
function note(pieces: Map<string, Piece[]>, scope: string, { from, to }: ResultLine): void {
  const own = pieces.get(scope)
  const last = own?.at(-1)
  if (last?.to === from) last.to = to
  else if (own === undefined) pieces.set(scope, [{ from, to }])
  else own.push({ from, to })
}
