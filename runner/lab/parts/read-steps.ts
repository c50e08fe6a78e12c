import { actions } from '../../steps/actions/index.ts'
import type { Expectation, Step } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { stepSchema } from '../schema/schema.ts'
import type { Path } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'
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
  /** Ids so far, and the steps that have them. */
  readonly ids: Map<string, number>
  /** Names of captures so far, also of those with mistakes. */
  readonly captures: Set<string>
  /** Ids of background processes so far, also of those with mistakes. */
  readonly processes: Set<string>
  /** Names of values that the steps before keep, also those with mistakes. */
  readonly kept: Set<string>
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
  }
  return steps.flatMap((step) => readStep(step, reading))
}

function readStep({ index, filled }: FilledStep, reading: StepsReading): readonly Step[] {
  const { context } = reading
  const path = ['steps', index]
  const shape = checkShape(stepSchema, filled.value, path, context.report, filled)
  noteNames(filled.value, reading)
  checkKept(filled.value, path, reading.kept, context.report)
  const readList = (list: unknown, at: Path) => readExpectations(list, at, filled, reading, context)
  const expectations = readList(fieldOf(filled.value, 'expect'), [...path, 'expect'])
  const step = shape === undefined ? [] : [makeStep(shape.value, index, expectations, readList, reading)]
  for (const name of keptBy(filled.value)) reading.kept.add(name)
  return step
}

/** Notes the captures and processes that the step and those after it may name. */
function noteNames(step: unknown, { captures, processes }: StepsReading): void {
  for (const name of Object.keys(Object(fieldOf(step, 'capture')))) captures.add(name)
  for (const { key, processOf } of actions) {
    const id = processOf?.(fieldOf(step, key))
    if (id !== undefined) processes.add(id)
  }
}

/** Reads expectations, also of a step that has other mistakes. */
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
  index: number,
  expectations: readonly UnnamedExpectation[],
  readList: (list: unknown, at: Path) => readonly UnnamedExpectation[],
  reading: StepsReading,
): Step {
  const { topology, context, places, processes, kept } = reading
  const path = ['steps', index]
  const nameCase = (claim: string) => reading.nameCase(`${raw.name}: ${claim}`)
  checkId(raw.id, index, reading)
  const withName = (each: UnnamedExpectation): Expectation => ({ caseName: nameCase(each.claim), ...each })
  const ofActions = {
    ...{ path, topology, processes, kept, context, nameCase },
    readExpectations: (list: readonly unknown[], at: Path) => readList(list, at).map(withName),
  }
  checkActions(raw, ofActions)
  return {
    index,
    name: raw.name,
    ...(raw.id === undefined ? {} : { id: raw.id }),
    ...(raw.why === undefined ? {} : { why: raw.why }),
    ...(raw.on === undefined ? {} : { node: raw.on }),
    actions: readActions(raw, ofActions),
    captures: readCaptures(raw.capture ?? {}, [...path, 'capture'], topology, { ids: places, index }, context),
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

function checkId(id: string | undefined, index: number, { ids, context }: StepsReading): void {
  if (id === undefined) return
  const other = ids.get(id)
  if (other !== undefined) {
    context.report(['steps', index, 'id'], { message: `cannot use id "${id}" twice: step ${other + 1} has it` })
  }
  ids.set(id, index)
}

const placesOf = (steps: readonly FilledStep[]): ReadonlyMap<string, number> =>
  new Map(
    steps.flatMap(({ index, filled }) => {
      const id = fieldOf(filled.value, 'id')
      return typeof id === 'string' ? [[id, index] as const] : []
    }),
  )
