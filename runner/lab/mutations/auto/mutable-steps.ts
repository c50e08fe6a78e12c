import type { ActionText } from '../../../steps/actions/action.ts'
import { kindOfAction } from '../../../steps/actions/index.ts'
import type { Step, StepAction, Variant } from '../../lab.ts'
import type { Path } from '../../text/diagnostics.ts'
import { fieldOf } from '../../text/mapping.ts'
import { shellCommands } from '../../values/shell-commands.ts'
import { isSpent, type MutantAllowance, maxPartLength, maxTextLength } from './mutant-allowance.ts'
import type { MutablePart, MutableStep, MutableText } from './mutator.ts'
import { isQuestion } from './questions.ts'
import { nextAddresses } from './swap-addresses.ts'

/**
 * The steps of a variant as mutators see them, by index. `rawSteps` are those of the file. Takes from the allowance
 * what
 * is looked into; once that is used up, nothing more is.
 */
export function mutableSteps(
  variant: Variant,
  rawSteps: readonly unknown[],
  allowance: MutantAllowance,
): ReadonlyMap<number, MutableStep> {
  const steps = variant.steps.map((step) => ({ step, texts: textsOf(step, rawSteps[step.index], allowance) }))
  const looked = steps.flatMap(({ texts }) => texts).filter(({ text }) => text.length <= maxTextLength)
  const nextAddress = nextAddresses(isSpent(allowance) ? [] : looked.map(({ text }) => text))
  return new Map(steps.map(({ step, texts }) => [step.index, { step, texts, nextAddress }]))
}

/** The step with another text in the place of one of its texts. */
export function withText(step: Step, { action: at, nth }: MutableText, text: string): Step {
  const change = (action: StepAction): StepAction => {
    const value = kindOfAction(action).texts?.with(action.value, nth, text)
    return value === undefined ? action : { ...action, value }
  }
  return { ...step, actions: step.actions.map((action, index) => (index === at ? change(action) : action)) }
}

const textsOf = (step: Step, raw: unknown, allowance: MutantAllowance): readonly MutableText[] =>
  step.actions.flatMap((action, index) =>
    (isSpent(allowance) ? [] : (kindOfAction(action).texts?.of(action.value) ?? [])).map((text, nth): MutableText => {
      const template = text.template ?? templateAt(raw, text.path) ?? text.text
      const origin = { template, path: text.path, ...(text.file === undefined ? {} : { file: text.file }) }
      return { action: index, nth, text: text.text, parts: allowedParts(text, template, allowance), origin }
    }),
  )

function allowedParts(text: ActionText, template: string, allowance: MutantAllowance): readonly MutablePart[] {
  if (Math.max(text.text.length, template.length) > maxTextLength) return []
  allowance.characters -= text.text.length
  if (isSpent(allowance)) return []
  const parts = partsOf(text)
  for (const { text: part } of parts) if (part.length <= maxPartLength) allowance.searched -= part.length ** 2
  return parts
}

function templateAt(raw: unknown, path: Path): string | undefined {
  let here = raw
  for (const key of path) here = Array.isArray(here) ? here[Number(key)] : fieldOf(here, String(key))
  return typeof here === 'string' ? here : undefined
}

const partsOf = ({ text, file }: ActionText): readonly MutablePart[] =>
  file === undefined
    ? shellCommands(text)
        .filter((command) => !isQuestion(command))
        .map((command) => ({ start: command.start, end: command.end, text: command.text, command }))
    : linesOf(text)

/** The lines of a configuration file, without what is a comment in most of them. */
const linesOf = (text: string): readonly MutablePart[] =>
  Array.from(text.matchAll(/^[ \t]*(?![ \t]|#|\/\/|;|!)([^\n]+?)[ \t\r]*(?:[ \t]#[^\n]*)?$/gm), (match) => {
    const line = match[1] ?? ''
    const start = match.index + match[0].indexOf(line)
    return { start, end: start + line.length, text: line }
  })
