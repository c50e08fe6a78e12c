import type { Variant } from './lab.ts'
import { readCrashCases } from './parts/read-crashes.ts'
import { readMachines } from './parts/read-machine.ts'
import { readSteps } from './parts/read-steps.ts'
import { readTopology } from './parts/read-topology.ts'
import type { FilledExpectation, FilledStep, VariantContext } from './parts/variant-context.ts'
import { checkShape } from './schema/check-shape.ts'
import { expectationLoopSchema } from './schema/schema.ts'
import { durationSchema } from './schema/schema-words.ts'
import type { Path, Report } from './text/diagnostics.ts'
import { parseDuration } from './text/duration.ts'
import { asMapping, fieldOf } from './text/mapping.ts'
import type { StepPart } from './values/expand-steps.ts'
import { fillIn } from './values/fill.ts'
import { nameOfRound, roundsOf } from './values/loops.ts'
import { isInVariant, type RawVariant } from './values/read-variants.ts'
import { type RawValues, resolveValues, type Values } from './values/values.ts'

/** A variant with what mutations need to refer to it. */
export interface ResolvedVariant {
  readonly variant: Variant
  readonly values: Values
  /** Of those steps, by index, that have values of their own: theirs, with the variant's. */
  readonly ownValues: ReadonlyMap<number, Values>
  /** False when a mistake was found in it, so that parts may be missing. */
  readonly isSound: boolean
}

/** Fills in, checks and makes one variant of a lab file's value. */
export function resolveVariant(
  document: unknown,
  raw: RawVariant,
  base: Omit<VariantContext, 'variant' | 'values'>,
): ResolvedVariant {
  let isSound = true
  const report: VariantContext['report'] = (path, mistake) => {
    isSound = false
    base.report(path, mistake)
  }
  const values = resolveValues(raw.values, base.allowance, report)
  const context: VariantContext = { ...base, report, variant: raw.name, values }
  const root = asMapping(document)
  const topology = readTopology(fieldOf(root, 'nodes'), fieldOf(root, 'links'), context)
  const steps = fillSteps(fieldOf(root, 'steps'), raw, context)
  const machines = readMachines(root, context)
  const realTimeMs = readRealTime(fieldOf(root, 'real-time'), context)
  const texts = [...values.texts].flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))
  return {
    variant: {
      name: raw.name,
      values: Object.fromEntries(texts),
      nodes: topology.nodes,
      links: topology.links,
      ...(machines === undefined ? {} : { machines }),
      ...(realTimeMs === undefined ? {} : { realTimeMs }),
      steps: readSteps(steps, topology, context),
      crashCases: readCrashCases(root, steps, topology, context),
    },
    values,
    ownValues: new Map(steps.flatMap(({ index, values: own }) => (own === values ? [] : [[index, own] as const]))),
    isSound,
  }
}

/** The time of a lab's `real-time`, in milliseconds; undefined when it says none. */
function readRealTime(raw: unknown, { values, report }: VariantContext): number | undefined {
  if (raw === undefined) return undefined
  const path = ['real-time']
  const filled = fillIn(raw, path, values, report)
  const shape = checkShape(durationSchema, filled.value, path, report, filled)
  return shape === undefined ? undefined : parseDuration(shape.value)
}

function fillSteps(steps: unknown, raw: RawVariant, context: VariantContext): readonly FilledStep[] {
  const { variant, report, parts } = context
  if (!Array.isArray(steps) || steps.length === 0) {
    const isMissing = steps === undefined || steps === null || Array.isArray(steps)
    report(['steps'], {
      message: isMissing ? 'cannot run a lab without steps' : 'cannot use this as steps: expected a list',
      atKey: true,
    })
    return []
  }
  return steps.flatMap((step: unknown, index) =>
    isInVariant(step, variant) ? [fillStep(step, index, parts[index] ?? alone(index), raw, context)] : [],
  )
}

const alone = (index: number): StepPart => ({ origin: index, values: new Map(), last: index })

/** A step with its placeholders filled in; what is claimed of it apart, for that may be said once for several. */
function fillStep(
  step: unknown,
  index: number,
  part: StepPart,
  { values: ofVariant }: RawVariant,
  { values, allowance, report }: VariantContext,
): FilledStep {
  const path = ['steps', index]
  const valuesWith = (own: RawValues): Values =>
    own.size === 0 ? values : resolveValues(new Map([...ofVariant, ...own]), allowance, report)
  const { expect, ...done } = asMapping(step) ?? {}
  const own = valuesWith(part.values)
  const filled = fillIn(asMapping(step) === undefined ? step : done, path, own, report)
  const claims = Array.isArray(expect) ? expect : []
  return {
    index,
    part,
    values: own,
    filled: expect === undefined ? filled : { ...filled, value: { ...asMapping(filled.value), expect } },
    expectations: claims.flatMap((claim: unknown, number): readonly FilledExpectation[] => {
      const at = [...path, 'expect', number]
      return roundsOfClaim(claim, at, report).map((round) => {
        const inRound = valuesWith(new Map([...part.values, ...round.values]))
        return { path: at, filled: fillIn(round.claim, at, inRound, report) }
      })
    }),
  }
}

/** An expectation once for each item of its `each`. */
function roundsOfClaim(claim: unknown, path: Path, report: Report): readonly { claim: unknown; values: RawValues }[] {
  const { each, ...once } = asMapping(claim) ?? {}
  if (each === undefined) return [{ claim, values: new Map() }]
  const at = [...path, 'each']
  const loop = checkShape(expectationLoopSchema, each, at, report)
  const name = fieldOf(claim, 'name')
  return (loop === undefined ? [] : roundsOf(loop.value, at, 'each')).map(({ item, values }) => {
    const named = typeof name === 'string' ? { name: nameOfRound(name, item) } : {}
    return { claim: { ...once, ...named }, values }
  })
}
