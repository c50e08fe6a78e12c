import type {
  CaseFinished,
  CommandFinished,
  MachineReady,
  RunEvent,
  ScopeStarted,
  StepFinished,
} from '../../runner/events.ts'
import { type MutantSummary, renderCaughtBy } from '../run/mutants.ts'
import { signs } from '../run/outcomes.ts'
import type { JudgedCase, ScopeSummary } from '../run/summary.ts'
import { oneLine, renderDuration } from '../text/plain-text.ts'
import { happenedLines } from './happened-lines.ts'
import type { Style } from './lines.ts'
import {
  bareCaseLines,
  caseLines,
  deathLines,
  judgedCases,
  lineWidth,
  outputLines,
  placeOf,
  scopeHeading,
  skippedLines,
  stepLines,
} from './lines.ts'
import { looks } from './paint.ts'

/** Turns the events of one scope into lines. */
export interface ScopeView {
  /** The lines that an event adds. */
  readonly receive: (event: RunEvent) => string[]
  /** The last lines; the summary knows what was never judged. */
  readonly end: (summary: ScopeSummary) => string[]
  /** What is going on now, for a status line. */
  readonly activity: () => string
}

/** What a view of a scope depends on besides its events. */
interface ViewOptions {
  readonly showProgress: boolean
  /** It is the first of its lab. */
  readonly introduces: boolean
}

/**
 * A view of the scope that began with `started`. A mutation's own lines are shown only when it survives, since its
 * failures are what it is for.
 */
export function createScopeView(
  started: ScopeStarted,
  style: Style,
  { showProgress, introduces }: ViewOptions,
): ScopeView {
  const held: string[] = []
  /** Messages of steps that broke. */
  const told = new Set<string>()
  const holds = started.mutation !== undefined && !style.verbose
  const skipped = createSkippedFold(style)
  const linesOf = createEventLines(started, style, { skipped, told, showProgress })
  let activity = 'bringing up the machines'
  return {
    receive: (event) => {
      activity = activityOf(event) ?? activity
      if (event.type === 'scope-started') return scopeHeading(started, introduces, style)
      const lines = linesOf(event)
      if (!holds) return lines
      held.push(...lines)
      return []
    },
    end: (summary) => {
      const { cases, outcome, mutated, mutant } = summary
      if (mutant !== undefined) return [...(holds ? [] : skipped.flush()), ...mutantLines(mutant, cases, style)]
      const untold = judgedCases(summary).filter(({ verdict, message }) => verdict === undefined && !told.has(message))
      const bare = bareCaseLines(untold, style)
      return mutated !== undefined && outcome === 'passed' && holds ? bare : [...held, ...skipped.flush(), ...bare]
    },
    activity: () => `${oneLine(started.scope)}: ${oneLine(activity)}`,
  }
}

/** What became of a mutant, in a line. */
function mutantLines(mutant: MutantSummary, [judged]: readonly JudgedCase[], style: Style): string[] {
  if (judged === undefined) return []
  const { message, durationMs } = judged
  // Of a survivor it is not known yet whether another variant notices it: the summary says so.
  const outcome = mutant.state === 'survived' ? 'skipped' : judged.outcome
  const words = { caught: renderCaughtBy(mutant.caughtBy), survived: 'no claim notices it in this variant' }
  const said = mutant.state === 'caught' || mutant.state === 'survived' ? words[mutant.state] : message
  const sign = style.paint(looks[outcome], signs[outcome])
  return [`  ${sign} ${oneLine(said, lineWidth)} ${style.paint('dim', `(${renderDuration(durationMs)})`)}`]
}

/** What an event says is going on now, where it does. */
function activityOf(event: RunEvent): string | undefined {
  if (event.type === 'progress') return event.message
  if (event.type === 'step-started') return event.name
  return event.type === 'case-started' ? event.case : undefined
}

interface ScopeParts {
  readonly skipped: ReturnType<typeof createSkippedFold>
  readonly told: Set<string>
  readonly showProgress: boolean
}

/** Turns each event into its own lines, whatever is held back or folded. */
function createEventLines(
  started: ScopeStarted,
  style: Style,
  { skipped, told, showProgress }: ScopeParts,
): (event: RunEvent) => string[] {
  const bringUp = createBringUp(started, style)
  let openCases = 0
  let log: string | undefined

  const finishCase = (event: CaseFinished) => {
    openCases -= 1
    if (event.outcome === 'skipped') return skipped.add(event.case, event.found)
    return [...skipped.flush(), ...caseLines(event, log, style)]
  }
  const finishCommand = (event: CommandFinished) => {
    log = event.log ?? log
    // What runs within a case is a probe: its output is the transcript's.
    return openCases > 0 && !style.verbose ? [] : outputLines(event, style)
  }
  const finishStep = ({ outcome, message, file = '', line }: StepFinished) => {
    if (outcome === 'passed' || message === undefined) return []
    told.add(message)
    return [
      `    ${style.paint(looks[outcome], `${signs[outcome]} ${oneLine(message)}`)}`,
      ...(line === undefined ? [] : [`      at ${placeOf({ file, line })}`]),
    ]
  }

  return (event) => {
    switch (event.type) {
      case 'progress':
        return showProgress ? [progressLine(event.message, event.at - started.at, style)] : []
      case 'machine-ready':
        return bringUp(event)
      case 'machine-died':
        return [...skipped.flush(), ...deathLines(event, style)]
      case 'step-started':
        log = undefined
        return [...skipped.flush(), ...stepLines(event, style)]
      case 'command-finished':
        return finishCommand(event)
      case 'case-started':
        openCases += 1
        return []
      case 'case-finished':
        return finishCase(event)
      case 'step-finished':
        return finishStep(event)
      default:
        return happenedLines(event, style)
    }
  }
}

/** A line about something slow, for where no status line is. */
export const progressLine = (message: string, sinceMs: number, { paint }: Style): string =>
  paint('dim', `  … ${oneLine(message)} (${renderDuration(sinceMs)})`)

function createBringUp(started: ScopeStarted, { paint }: Style) {
  const waiting = new Set(
    started.topology.nodes.filter((node) => node.namespaceOf === undefined).map(({ name }) => name),
  )
  const ready: string[] = []
  return (event: MachineReady): string[] => {
    waiting.delete(event.machine)
    ready.push(oneLine(event.machine))
    if (waiting.size > 0) return []
    return [paint('dim', `  ${ready.join(', ')} up after ${renderDuration(event.at - started.at)}`)]
  }
}

/** Collects skipped cases for as long as their reason is the same. */
function createSkippedFold(style: Style) {
  let names: string[] = []
  let common = ''
  const flush = () => {
    const lines = names.length === 0 ? [] : skippedLines(names, common, style)
    names = []
    return lines
  }
  const add = (name: string, reason: string) => {
    const lines = reason === common ? [] : flush()
    names.push(name)
    common = reason
    return lines
  }
  return { add, flush }
}
