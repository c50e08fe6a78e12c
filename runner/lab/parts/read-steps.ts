import { actions } from '../../steps/actions/index.ts'
import type { Expectation, Step } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { stepSchema } from '../schema/schema.ts'
import type { Path } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'
import type { StepPart } from '../values/expand-steps.ts'
import type { Filled } from '../values/fill.ts'
import { checkActions, readActions } from './read-actions.ts'
import { readCaptures } from './read-captures.ts'
import { type KnownNames, readExpectation, type UnnamedExpectation } from './read-expectations.ts'
import { checkKept, keptBy } from './read-kept.ts'
import type { DeclaredTopology, FilledStep, VariantContext } from './variant-context.ts'

type RawStep = typeof stepSchema._output

/** What the steps of a variant have in common while they are read one after the other. */
interface StepsReading {
  readonly topology: DeclaredTopology
  readonly context: VariantContext
  /** Returns a name as it is the first time, then with (2), (3) and so on. */
  nameCase(name: string): string
  /** Where the steps stand that have an id, also those with mistakes. */
  readonly places: ReadonlyMap<string, number>
  /** Ids so far, and which steps of the file have them. */
  readonly ids: Map<string, number>
  /** Names of captures so far, also of those with mistakes. */
  readonly captures: Set<string>
  /** Ids of background processes so far, also of those with mistakes. */
  readonly processes: Set<string>
  /** Names of values that the steps before keep, also those with mistakes. */
  readonly kept: Set<string>
  /** Which step of the file keeps each of them. */
  readonly keepers: Map<string, number>
}

/** Makes steps of those of a variant; one with mistakes is left out after they are reported. */
export function readSteps(
  steps: readonly FilledStep[],
  topology: DeclaredTopology,
  context: VariantContext,
): readonly Step[] {
  const reading: StepsReading = {
    topology,
    context,
    nameCase: uniqueNames(),
    places: placesOf(steps),
    ids: new Map(),
    captures: new Set(),
    processes: new Set(),
    kept: new Set(),
    keepers: new Map(),
  }
  return steps.flatMap((step) => readStep(step, reading))
}

function readStep(step: FilledStep, all: StepsReading): readonly Step[] {
  const { index, filled } = step
  const reading = { ...all, context: { ...all.context, values: step.values } }
  const { context } = reading
  const shape = checkShape(stepSchema, filled.value, ['steps', index], context.report, filled)
  noteNames(filled.value, reading)
  const path = ['steps', index]
  const { expect: _claims, ...done } = Object(filled.value)
  const own = new Set([...reading.kept, ...keptBy(done)])
  checkKept(done, path, reading.kept, own, context.report)
  const expectations = step.expectations.flatMap(({ path: at, filled: claim }) => {
    checkKept({ expect: { [String(at.at(-1))]: claim.value } }, path, reading.kept, own, context.report)
    const expectation = readExpectation(claim.value, at, claim, reading, context)
    return expectation === undefined ? [] : [expectation]
  })
  const readList = (list: unknown, at: Path) => readExpectations(list, at, filled, reading, context)
  const made = shape === undefined ? [] : [makeStep(shape.value, step, expectations, readList, reading)]
  keepNames(step, reading)
  return made
}

/** Notes the captures and processes that the step and those after it may name. */
function noteNames(step: unknown, { captures, processes }: StepsReading): void {
  for (const name of Object.keys(Object(fieldOf(step, 'capture')))) captures.add(name)
  for (const { key, processOf } of actions) {
    const id = processOf?.(fieldOf(step, key))
    if (id !== undefined) processes.add(id)
  }
}

/** Notes the values that a step keeps for those after it. */
function keepNames({ index, part, filled }: FilledStep, { kept, keepers, context }: StepsReading): void {
  for (const name of keptBy(filled.value)) {
    if (keepers.get(name) === part.origin)
      context.report(['steps', index, 'keep', name], {
        message: `cannot keep "${name}" of a step that is done several times: each time there would be another`,
        hint: 'write a step of its own for each value',
      })
    keepers.set(name, part.origin)
    kept.add(name)
  }
}

/** Reads expectations that stand elsewhere than under "expect". */
function readExpectations(
  expectations: unknown,
  at: Path,
  filled: Filled,
  known: KnownNames,
  context: VariantContext,
): readonly UnnamedExpectation[] {
  if (!Array.isArray(expectations)) return []
  return expectations.flatMap((value: unknown, number) => {
    const expectation = readExpectation(value, [...at, number], filled, known, context)
    return expectation === undefined ? [] : [expectation]
  })
}

function makeStep(
  raw: RawStep,
  { index, part }: FilledStep,
  expectations: readonly UnnamedExpectation[],
  readList: (list: unknown, at: Path) => readonly UnnamedExpectation[],
  reading: StepsReading,
): Step {
  const { topology, context, places, processes, kept } = reading
  const path = ['steps', index]
  const nameCase = (claim: string) => reading.nameCase(`${raw.name}: ${claim}`)
  checkId(raw.id, index, part, reading)
  const withName = (each: UnnamedExpectation): Expectation => ({ caseName: nameCase(each.claim), ...each })
  const ofActions = {
    ...{ path, topology, processes, kept, context, nameCase },
    readExpectations: (list: readonly unknown[], at: Path) => readList(list, at).map(withName),
  }
  checkActions(raw, ofActions)
  if (raw.answer !== undefined && raw.question === undefined)
    context.report([...path, 'answer'], {
      message: 'cannot answer what is not asked: the step has no question',
      hint: 'write question: beside it, or the answer beside the claim that it is of',
      atKey: true,
    })
  return {
    index,
    name: raw.name,
    ...(raw.id === undefined ? {} : { id: raw.id }),
    ...(raw.why === undefined ? {} : { why: raw.why }),
    ...(raw.question === undefined ? {} : { question: raw.question }),
    ...(raw.answer === undefined ? {} : { answer: raw.answer }),
    ...(typeof raw.on === 'string' ? { node: raw.on } : {}),
    actions: readActions(raw, ofActions),
    captures: readCaptures(
      raw.capture ?? {},
      [...path, 'capture'],
      topology,
      { ids: places, index, last: part.last },
      context,
    ),
    expectations: expectations.map(withName),
    source: context.sourceOf(path),
  }
}

function uniqueNames(): (name: string) => string {
  const taken = new Set<string>()
  const numbers = new Map<string, number>()
  return (name) => {
    let unique = name
    let number = numbers.get(name) ?? 2
    for (; taken.has(unique); number++) unique = `${name} (${number})`
    numbers.set(name, number)
    taken.add(unique)
    return unique
  }
}

function checkId(id: string | undefined, index: number, { origin }: StepPart, { ids, context }: StepsReading): void {
  if (id === undefined) return
  const other = ids.get(id)
  if (other !== undefined && other !== origin) {
    context.report(['steps', index, 'id'], { message: `cannot use id "${id}" twice: step ${other + 1} has it` })
  }
  ids.set(id, origin)
}

const placesOf = (steps: readonly FilledStep[]): ReadonlyMap<string, number> =>
  new Map(
    steps.flatMap(({ index, filled }) => {
      const id = fieldOf(filled.value, 'id')
      return typeof id === 'string' ? [[id, index] as const] : []
    }),
  )
