import type { Step } from '../lab/lab.ts'
import { shellCommands } from '../lab/values/shell-commands.ts'
import { valueIn } from '../steps/actions/action.ts'
import { announce } from '../steps/actions/index.ts'
import { run } from '../steps/actions/run.ts'

/** What somebody who learns does next in a lab: a step, and what is then claimed. */
export interface Lesson {
  readonly step: Step
  /** Its place among those that do something, from 1, and how many these are. */
  readonly number: number
  readonly of: number
  /** What to think about before it is judged; none where nothing is claimed. */
  readonly questions: readonly string[]
  /** Why it can't be typed by hand, so that it is done for whoever learns. */
  readonly notTypable?: string
}

const doesSomething = ({ actions }: Step) => actions.length > 0

/** The lesson that begins when this many steps are done; undefined when none of those left does something. */
export function lessonAt(steps: readonly Step[], done: number): Lesson | undefined {
  const place = steps.findIndex((step, index) => index >= done && doesSomething(step))
  const step = steps[place]
  if (step === undefined) return undefined
  const behind = steps.slice(place + 1)
  const next = behind.findIndex(doesSomething)
  const judged = [step, ...(next === -1 ? behind : behind.slice(0, next))].flatMap(({ expectations }) => expectations)
  const notTypable = whyNotTypable(step)
  return {
    step,
    number: steps.slice(0, place + 1).filter(doesSomething).length,
    of: steps.filter(doesSomething).length,
    questions: [...new Set(judged.map(({ question }) => question))],
    ...(notTypable === undefined ? {} : { notTypable }),
  }
}

/**
 * Where somebody goes on who has checked this many steps, in a session in which so many are done: how many are checked,
 * and whether the next one is done already. Whoever did more than one without being led goes on behind them.
 */
export function whereToGoOn(steps: readonly Step[], checked: number, done: number) {
  const next = lessonAt(steps, checked)
  const here = lessonAt(steps, done)
  if (next === undefined || here?.step === next.step) return { done: checked, isCounted: false }
  const after = lessonAt(steps, steps.indexOf(next.step) + 1)
  return here?.step === after?.step ? { done: checked, isCounted: true } : { done, isCounted: false }
}

function whyNotTypable(step: Step): string | undefined {
  if (step.captures.length > 0) return 'frames are captured meanwhile'
  for (const { key, cases } of step.actions) {
    if (key === 'copy') return 'it copies files'
    if (key === 'start' || key === 'stop') return 'later steps ask about its process'
    if (key === 'outage') return 'it is measured'
    if (key === 'fetch') return 'it brings files into the results'
    if (key === 'run' && cases.length > 0) return 'it is judged by what its commands print'
  }
  return valueIn(step, run)?.keep === undefined ? undefined : 'later steps need what its commands print'
}

/** What a step does, as somebody would type it: its commands, line by line, and events in their words. */
export function answerOf(step: Step): readonly string[] {
  const { script = '', events = [] } = announce(step)
  return [...script.trimEnd().split('\n'), ...events.map(({ words }) => `event ${words}`)].filter((line) => line !== '')
}

/** Two hints to a step, the vague one first: what its commands are of, and each of them cut short. */
export function hintsOf(step: Step): readonly [string, string] {
  const { script = '', events = [] } = announce(step)
  const commands = [...shellCommands(script).map(({ text }) => text.split('\n')[0] ?? ''), ...events.map(() => 'event')]
  const kinds = new Set(
    commands.map((command) =>
      wordsOf(command)
        .filter((word) => !word.startsWith('-'))
        .slice(0, 2)
        .join(' '),
    ),
  )
  return [
    `${commands.length === 1 ? 'One command' : `${commands.length} commands`}, of: ${[...kinds].join(', ')}`,
    answerOf(step).map(shortened).join('\n'),
  ]
}

const wordsOf = (command: string) => command.trim().split(/\s+/)

/** A line with dots in place of the words of its second half. */
function shortened(line: string): string {
  const words = wordsOf(line)
  return words.map((word, index) => (index < Math.max(2, words.length / 2) ? word : '…')).join(' ')
}
