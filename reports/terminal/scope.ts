import type {
  CaseFinished,
  CommandFinished,
  MachineReady,
  RunEvent,
  ScopeStarted,
  StepFinished,
  StepStarted,
} from '../../runner/events.ts'
import { signs } from '../run/outcomes.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { oneLine, renderDuration } from '../text/plain-text.ts'
import type { Style } from './lines.ts'
import {
  bareCaseLines,
  caseLines,
  deathLines,
  eventLines,
  outageLines,
  outputLines,
  processEndLines,
  processLines,
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

/**
 * A view of the scope that began with `started`. A mutation's own lines are shown only when it survives, since its
 * failures are what it is for.
 */
export function createScopeView(started: ScopeStarted, style: Style, showProgress: boolean): ScopeView {
  const held: string[] = []
  /** Messages of steps that broke. */
  const told = new Set<string>()
  const holds = started.mutation !== undefined && !style.verbose
  const skipped = createSkippedFold(style)
  const bringUp = createBringUp(started, style)
  const headings = createStepHeadings(style)
  let activity = 'bringing up the machines'
  let openCases = 0
  let log: string | undefined

  const finishCase = (event: CaseFinished) => {
    openCases -= 1
    const reason = event.outcome === 'skipped' ? event.found : undefined
    if (reason !== undefined) return skipped.add(event.case, reason)
    return [...skipped.flush(), ...caseLines(event, log, style)]
  }

  const finishCommand = (event: CommandFinished) => {
    log = event.log ?? log
    // What runs within a case is a probe: its output is the transcript's.
    return openCases > 0 && !style.verbose ? [] : outputLines(event, style)
  }

  const finishStep = ({ outcome, message }: StepFinished) => {
    if (outcome === 'passed' || message === undefined) return []
    told.add(message)
    return [`    ${style.paint(looks[outcome], `${signs[outcome]} ${oneLine(message)}`)}`]
  }

  const linesOf = (event: RunEvent): string[] => {
    switch (event.type) {
      case 'progress':
        activity = event.message
        return showProgress ? [progressLine(event.message, event.at - started.at, style)] : []
      case 'machine-ready':
        return bringUp(event)
      case 'machine-died':
        return [...skipped.flush(), ...deathLines(event, style)]
      case 'step-started':
        activity = event.name
        log = undefined
        return [...skipped.flush(), ...headings.begin(event)]
      case 'command-finished':
        return finishCommand(event)
      case 'event-happened':
        return eventLines(event, style)
      case 'outage-measured':
        return outageLines(event, style)
      case 'process-started':
        return processLines(event, style)
      case 'process-ended':
        return processEndLines(event, style)
      case 'case-started':
        openCases += 1
        activity = event.case
        return []
      case 'case-finished':
        return finishCase(event)
      case 'capture-saved':
        return [
          style.paint(
            'dim',
            `      captured ${event.frames} frames at ${oneLine(event.endpoint)}: ${oneLine(event.path)}`,
          ),
        ]
      case 'step-finished':
        return finishStep(event)
      default:
        return []
    }
  }

  return {
    receive: (event) => {
      if (event.type === 'scope-started') return scopeHeading(started, style)
      const lines = headings.before(event, linesOf(event))
      if (!holds) return lines
      held.push(...lines)
      return []
    },
    end: ({ cases, outcome, mutated }) => {
      const untold = cases.filter(({ verdict, message }) => verdict === undefined && !told.has(message))
      const bare = bareCaseLines(untold, style)
      return mutated !== undefined && outcome === 'passed' && holds ? bare : [...held, ...skipped.flush(), ...bare]
    },
    activity: () => `${oneLine(started.scope)}: ${oneLine(activity)}`,
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

/** A step that only claims something needs no heading of its own where its cases begin with the step's name. */
function createStepHeadings(style: Style) {
  let waiting: StepStarted | undefined
  return {
    begin: (event: StepStarted) => {
      const claimsOnly = event.script === undefined && event.copies === undefined && !style.verbose
      waiting = claimsOnly ? event : undefined
      return claimsOnly ? [] : stepLines(event, style)
    },
    before: (event: RunEvent, lines: string[]) => {
      if (waiting === undefined || lines.length === 0 || event.type === 'step-started') return lines
      const isOwnCase = event.type === 'case-finished' && event.step === waiting.step
      const heading = isOwnCase ? [] : stepLines(waiting, style)
      waiting = undefined
      return [...heading, ...lines]
    },
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
