import type { ActionReading } from '../../steps/actions/action.ts'
import { actions } from '../../steps/actions/index.ts'
import type { StepAction } from '../lab.ts'
import type { stepSchema } from '../schema/schema.ts'
import { listNames } from '../text/list-names.ts'
import { nearestWord } from '../text/nearest.ts'

type RawStep = typeof stepSchema._output

/** What a step does, read from those keys of it that the table of actions has; what has mistakes is left out. */
export const readActions = (raw: RawStep, reading: ActionReading): readonly StepAction[] =>
  actions.flatMap((action): StepAction[] => {
    const read = isAsked(raw, action.key) ? action.read(raw, reading) : undefined
    return read === undefined ? [] : [{ key: action.key, value: read.value, cases: read.cases ?? [] }]
  })

/** Reports what makes no sense in a step as a whole: actions without a node, a node without actions, nothing at all. */
export function checkActions(raw: RawStep, reading: ActionReading): void {
  const { path, topology, context } = reading
  const known = topology.nodeNames
  const refuse = (key: string, message: string, hint?: string | (() => string)) =>
    context.report([...path, key], { message, hint, atKey: true })
  // The last is what the step is for: files are copied for the commands that follow.
  const onNode = actions.flatMap(({ key, needsNode }) => (needsNode ? [key] : [])).toReversed()
  const { on } = raw
  const asked = onNode.find((key) => isAsked(raw, key))
  if (asked !== undefined && on === undefined) {
    refuse(asked, `cannot ${asked} without a node: "on" is missing`, () => `add on: with one of ${listNames(known)}`)
  }
  if (typeof on === 'string' && !topology.nodeNames.has(on)) {
    context.report([...path, 'on'], {
      message: `cannot run on "${on}": no node has this name`,
      nearest: () => nearestWord(on, known),
      hint: () => `the nodes are ${listNames(known)}`,
    })
  } else if (on !== undefined && asked === undefined) {
    refuse('on', `cannot use "on" alone: the step has neither ${listed(onNode, 'nor')}`)
  }
  for (const { key, keys } of actions) {
    if (isAsked(raw, key)) continue
    const beside = Object.keys(keys).filter((other) => other !== key && isAsked(raw, other))
    for (const other of beside) refuse(other, `cannot use "${other}" alone: the step has no ${key}`)
  }
  if (!doesSomething(raw)) {
    const hint = `a step has ${listed([...actions.map(({ key }) => key), 'expect'], 'or')}`
    refuse('name', `cannot run step "${raw.name}": it does nothing`, hint)
  }
}

/** Whether something stands under a key; an empty mapping asks for nothing. */
function isAsked(raw: object, key: string): boolean {
  const value: unknown = Reflect.get(raw, key)
  return value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}

function doesSomething(raw: RawStep): boolean {
  const goesOn = Object.values(raw.capture ?? {}).some((capture) => typeof capture !== 'string' && capture.until)
  return actions.some(({ key }) => isAsked(raw, key)) || goesOn || (raw.expect ?? []).length > 0
}

const listed = (words: readonly string[], last: 'or' | 'nor') =>
  `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
