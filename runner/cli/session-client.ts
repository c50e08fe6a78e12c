import { createStepsReporter } from '../../reports/terminal/steps.ts'
import { oneLine } from '../../reports/text/plain-text.ts'
import { type EventSink, renderDeath } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import { exitCodeOf } from '../result.ts'
import type { Done, Progress } from '../workshop/session-state.ts'
import type { CommandContext } from './command.ts'

/** Shows what happens in a session. */
export const createSessionScreen = (
  { stdout, colour }: CommandContext,
  { verbose = false, heading = false } = {},
): EventSink => createStepsReporter(stdout, { colour, columns: stdout.columns ?? 100, verbose, heading })

/** Tells of machines that die, beside an output that is somebody else's. */
export const tellDeaths =
  ({ stderr }: CommandContext): EventSink =>
  (event) => {
    if (event.type === 'machine-died') stderr.write(`${oneLine(renderDeath(event))}\n`)
  }

/** Where somebody is in a lab, and what comes next. */
export function renderProgress({ done, of, last, next, broken, puzzle }: Progress): string {
  if (puzzle !== undefined) return `after step: ${oneLine(last ?? '')}\n${renderPuzzle(puzzle)}`
  const where =
    last === undefined ? `none of ${of} steps is done` : `done: ${done} of ${of} steps, the last: ${oneLine(last)}`
  if (broken !== undefined)
    return `${where}\n${oneLine(broken)}\nMend it by hand and count it as done with ${ownCommand('do -- --by-hand')}, or do it again with ${ownCommand('do')}\n`
  if (done < of && next !== undefined) return `${where}\nnext: ${oneLine(next)}  (${ownCommand('do')})\n`
  return `${where}\n${ownCommand('verify')} judges what is claimed; ${ownCommand('down')} ends the lab\n`
}

/** Where somebody is who has a puzzle to solve. */
export const renderPuzzle = (puzzle: NonNullable<Progress['puzzle']>): string =>
  puzzle === 'mended'
    ? `It is mended. ${ownCommand('solution')} shows one way to find it; ${ownCommand('down')} ends the lab\n`
    : `Something is wrong here: find it and mend it. ${ownCommand('verify')} tells what is missing; ${ownCommand('hint')} helps\n`

/** The exit code of what was done or judged. */
export const exitCodeOfDone = ({ outcome }: Pick<Done, 'outcome'>): number => exitCodeOf(outcome)
