import { readCopies } from '../../steps/actions/copy.ts'
import { readEvent } from '../../steps/events/index.ts'
import { readOutage } from '../../steps/outage/read-outage.ts'
import type { BackgroundDeclaration, Expectation, Script, Step } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { stepSchema } from '../schema/schema.ts'
import type { Path } from '../text/diagnostics.ts'
import { parseDuration } from '../text/duration.ts'
import { fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import type { Filled } from '../values/fill.ts'
import { readCaptures } from './read-captures.ts'
import { type Claim, type KnownNames, readExpectation } from './read-expectations.ts'
import type { DeclaredTopology, FilledStep, VariantContext } from './variant-context.ts'

const defaultTimeoutMs = 60_000
const defaultReadyMs = 20_000

type RawStep = typeof stepSchema._output

/** A step with the names that the lab gives to its expectations, for references of mutations. */
export interface ReadStep {
  readonly step: Step
  /** Names of the expectations by index; undefined where the lab gives none. */
  readonly expectationNames: readonly (string | undefined)[]
}

/** Makes steps of those of a variant; one with mistakes is left out after they are reported. */
export function readSteps(
  steps: readonly FilledStep[],
  topology: DeclaredTopology,
  scope: VariantContext,
): readonly ReadStep[] {
  const nameCase = uniqueNames()
  const ids = new Map<string, number>()
  const places = idsOf(steps)
  const captureNames = new Set<string>()
  const processes = new Set<string>()
  return steps.flatMap((filledStep): ReadStep[] => {
    const { index, filled } = filledStep
    const path = ['steps', index]
    const shape = checkShape(stepSchema, filled.value, path, scope.report, filled)
    for (const name of Object.keys(Object(fieldOf(filled.value, 'capture')))) captureNames.add(name)
    const started = fieldOf(fieldOf(filled.value, 'start'), 'id')
    if (typeof started === 'string') processes.add(started)
    const claims = readClaims(filled, path, { topology, captures: captureNames, processes }, scope)
    if (shape === undefined) return []
    const raw = shape.value
    checkId(raw.id, index, ids, scope)
    checkSense(raw, path, topology, scope)
    checkStop(raw.stop, path, processes, scope)
    const captures = readCaptures(raw.capture ?? {}, [...path, 'capture'], topology, { ids: places, index }, scope)
    const script = makeScript(raw, nameCase)
    const outage =
      raw.outage &&
      readOutage(raw.outage, [...path, 'outage'], topology, scope, (words) => nameCase(`${raw.name}: ${words}`))
    const step: Step = {
      index,
      name: raw.name,
      ...(raw.id === undefined ? {} : { id: raw.id }),
      ...(raw.why === undefined ? {} : { why: raw.why }),
      ...(raw.on === undefined ? {} : { node: raw.on }),
      copies: readCopies(raw.copy ?? {}, [...path, 'copy'], scope),
      ...(raw.start === undefined ? {} : { start: makeBackground(raw.start) }),
      ...(script === undefined ? {} : { run: script }),
      events: (raw.events ?? []).flatMap((event, number) => {
        const read = readEvent(event, { path: [...path, 'events', number], topology, report: scope.report })
        return read === undefined ? [] : [read]
      }),
      ...(outage === undefined ? {} : { outage }),
      ...(raw.stop === undefined ? {} : { stop: raw.stop }),
      captures,
      expectations: claims.map((claim) => makeExpectation(claim, raw.name, nameCase)),
      source: scope.sourceOf(path),
    }
    return [{ step, expectationNames: claims.map(({ name }) => name) }]
  })
}

/** Reads the expectations, also of a step that has other mistakes. */
function readClaims(filled: Filled, path: Path, known: KnownNames, scope: VariantContext): readonly Claim[] {
  const expectations = fieldOf(filled.value, 'expect')
  if (!Array.isArray(expectations)) return []
  return expectations.flatMap((value: unknown, number) => {
    const claim = readExpectation(value, [...path, 'expect', number], filled, known, scope)
    return claim === undefined ? [] : [claim]
  })
}

/** Returns each text as it is the first time, then with (2), (3) and so on. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    let unique = name
    for (let number = 2; taken.has(unique); number++) unique = `${name} (${number})`
    taken.add(unique)
    return unique
  }
}

function checkId(id: string | undefined, index: number, ids: Map<string, number>, { report }: VariantContext): void {
  if (id === undefined) return
  const other = ids.get(id)
  if (other !== undefined) {
    report(['steps', index, 'id'], { message: `cannot use id "${id}" twice: step ${other + 1} has it` })
  }
  ids.set(id, index)
}

function checkSense(raw: RawStep, path: Path, { nodeNames }: DeclaredTopology, { report }: VariantContext): void {
  const acts = raw.run !== undefined || raw.start !== undefined || Object.keys(raw.copy ?? {}).length > 0
  const goesOn = Object.values(raw.capture ?? {}).some((capture) => typeof capture !== 'string' && capture.until)
  const does = acts || raw.events !== undefined || raw.outage !== undefined || raw.stop !== undefined || goesOn
  const known = [...nodeNames]
  const refuse = (key: string, message: string, hint?: string) => report([...path, key], { message, hint, atKey: true })
  if (acts && raw.on === undefined) {
    const what = raw.run !== undefined ? 'run' : raw.start !== undefined ? 'start' : 'copy'
    refuse(what, `cannot ${what} without a node: "on" is missing`, `add on: with one of ${known.join(', ')}`)
  }
  if (raw.on !== undefined && !nodeNames.has(raw.on)) {
    report([...path, 'on'], {
      message: `cannot run on "${raw.on}": no node has this name`,
      nearest: nearestWord(raw.on, known),
      hint: `the nodes are ${known.join(', ')}`,
    })
  } else if (raw.on !== undefined && !acts)
    refuse('on', 'cannot use "on" alone: the step has neither run, start nor copy')
  for (const key of ['refused', 'timeout'] as const) {
    if (raw[key] !== undefined && raw.run === undefined) refuse(key, `cannot use "${key}" alone: the step has no run`)
  }
  if (!does && (raw.expect ?? []).length === 0) {
    refuse(
      'name',
      `cannot run step "${raw.name}": it does nothing`,
      'a step has run, start, stop, copy, events, outage or expect',
    )
  }
}

function checkStop(
  id: string | undefined,
  path: Path,
  processes: ReadonlySet<string>,
  { report }: VariantContext,
): void {
  if (id === undefined || processes.has(id)) return
  const known = [...processes]
  report([...path, 'stop'], {
    message: `cannot stop "${id}": neither this step nor one before it starts it`,
    nearest: nearestWord(id, known),
    hint: known.length === 0 ? 'nothing is started up to here' : `the processes are ${known.join(', ')}`,
  })
}

/** Where the steps stand that have an id, also those with mistakes. */
const idsOf = (steps: readonly FilledStep[]): ReadonlyMap<string, number> =>
  new Map(
    steps.flatMap(({ index, filled }) => {
      const id = fieldOf(filled.value, 'id')
      return typeof id === 'string' ? [[id, index] as const] : []
    }),
  )

const makeBackground = (raw: NonNullable<RawStep['start']>): BackgroundDeclaration => ({
  id: raw.id,
  text: raw.run,
  ...(raw.ready === undefined ? {} : { ready: raw.ready }),
  ...(raw['ready-port'] === undefined ? {} : { readyPort: raw['ready-port'] }),
  withinMs: (raw.within === undefined ? undefined : parseDuration(raw.within)) ?? defaultReadyMs,
})

function makeScript(raw: RawStep, nameCase: (name: string) => string): Script | undefined {
  if (raw.run === undefined) return undefined
  const timeoutMs = raw.timeout === undefined ? defaultTimeoutMs : parseDuration(raw.timeout)
  return {
    text: raw.run,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    ...(raw.refused === undefined
      ? {}
      : { refused: raw.refused, refusedCaseName: nameCase(`${raw.name}: is refused`) }),
  }
}

const makeExpectation = (claim: Claim, stepName: string, nameCase: (name: string) => string): Expectation => ({
  caseName: nameCase(`${stepName}: ${claim.name ?? claim.claim}`),
  assertion: claim.assertion,
  parameters: claim.parameters,
  claim: claim.claim,
  question: claim.question,
  ...(claim.name === undefined ? {} : { name: claim.name }),
  withinMs: claim.withinMs,
  forMs: claim.forMs,
  source: claim.source,
})
