import type { Variant } from './lab.ts'
import { readCrashCases } from './parts/read-crashes.ts'
import { readMachines } from './parts/read-machine.ts'
import { readSteps } from './parts/read-steps.ts'
import { readTopology } from './parts/read-topology.ts'
import type { FilledStep, VariantContext } from './parts/variant-context.ts'
import { checkShape } from './schema/check-shape.ts'
import { durationSchema } from './schema/schema-words.ts'
import { parseDuration } from './text/duration.ts'
import { asMapping, fieldOf } from './text/mapping.ts'
import { fillIn } from './values/fill.ts'
import { isInVariant, type RawVariant } from './values/read-variants.ts'
import { resolveValues, type Values } from './values/values.ts'

/** A variant with what mutations need to refer to it. */
export interface ResolvedVariant {
  readonly variant: Variant
  readonly values: Values
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
  const steps = fillSteps(fieldOf(root, 'steps'), context)
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

function fillSteps(steps: unknown, { variant, values, report }: VariantContext): readonly FilledStep[] {
  if (!Array.isArray(steps) || steps.length === 0) {
    const isMissing = steps === undefined || steps === null || Array.isArray(steps)
    report(['steps'], {
      message: isMissing ? 'cannot run a lab without steps' : 'cannot use this as steps: expected a list',
      atKey: true,
    })
    return []
  }
  return steps.flatMap((step: unknown, index) =>
    isInVariant(step, variant) ? [{ index, filled: fillIn(step, ['steps', index], values, report) }] : [],
  )
}
