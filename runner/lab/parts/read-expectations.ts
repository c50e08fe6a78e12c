import { isDeepStrictEqual } from 'node:util'
import type { Assertion, Reference } from '../../../assertions/assertion.ts'
import { messageOf } from '../../errors.ts'
import type { Expectation } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { expectationWordsSchema, timesSchema } from '../schema/schema.ts'
import type { Path } from '../text/diagnostics.ts'
import { parseDuration } from '../text/duration.ts'
import { listNames, soFar } from '../text/list-names.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import type { Filled } from '../values/fill.ts'
import { type StandIn, standIn } from './stand-in.ts'
import type { DeclaredTopology, VariantContext } from './variant-context.ts'

/** An expectation that has no case name yet. */
export type UnnamedExpectation = Omit<Expectation, 'caseName'>

/** What the expectations of one step may refer to. */
export interface KnownNames {
  readonly topology: DeclaredTopology
  /** Of the step and those before it. */
  readonly captures: ReadonlySet<string>
  /** Ids of background processes that the step or one before it starts. */
  readonly processes: ReadonlySet<string>
}

/** Reads one item of a step's `expect`; undefined when it has mistakes, which are reported. */
export function readExpectation(
  value: unknown,
  path: Path,
  filled: Filled,
  known: KnownNames,
  context: VariantContext,
): UnnamedExpectation | undefined {
  const key = assertionKey(value, path, context)
  const mapping = asMapping(value)
  if (key === undefined || mapping === undefined) return undefined
  const assertion = context.table[key]
  if (assertion === undefined) return undefined
  const at = [...path, key]
  if (--context.allowance.expectations < 0) {
    context.report(at, { message: 'cannot check so many expectations, those of each variant counted', atKey: true })
    return undefined
  }
  const given = Object.fromEntries(wordKeys.map((word) => [word, fieldOf(mapping, word)]))
  const words = checkShape(expectationWordsSchema, given, path, context.report, filled)
  const times = takeTimes(mapping[key], at, filled, context)
  const standing = standIn(assertion.parameters, times.rest)
  const shape = checkShape(assertion.parameters, standing.value, at, context.report, filled)
  if (words === undefined || shape === undefined || times.withinMs === undefined || times.forMs === undefined) {
    return undefined
  }
  const parameters = standing.restore(shape.value)
  try {
    checkReferences(assertion.references(shape.value), at, standing, filled, known, context)
    const wanted = assertion.claim(parameters)
    const { name, question, answer } = words.value
    return {
      claim: name ?? wanted,
      assertion: key,
      wanted,
      question: question ?? questionOf(assertion, parameters, name),
      ...(answer === undefined ? {} : { answer }),
      parameters,
      ...(standing.places.length === 0 ? {} : { holdsKept: true }),
      withinMs: times.withinMs === 'default' ? assertion.defaultWithinMs(parameters) : times.withinMs,
      forMs: times.forMs === 'default' ? 0 : times.forMs,
      source: context.sourceOf(path),
    }
  } catch (error) {
    context.report(at, { message: `cannot use this ${key}: ${messageOf(error)}`, atKey: true })
    return undefined
  }
}

const wordKeys = Object.keys(expectationWordsSchema.shape)

/** What a claim asks; by its name where that says more than the command or filter behind it. */
function questionOf({ asksByName, question }: Assertion<unknown>, parameters: unknown, name: string | undefined) {
  const asked = question(parameters)
  if (name === undefined) return asked
  if (asksByName) return `True or not: ${name}?`
  // A name that speaks of reaching may be the claim itself.
  return asked.endsWith('Fill in the table.') && !name.includes('reach') ? asked.replace('?', ` (${name})?`) : asked
}

function assertionKey(value: unknown, path: Path, { table, report }: VariantContext): string | undefined {
  const known = Object.keys(table)
  const hint = `expected one of ${known.join(', ')}`
  const mapping = asMapping(value)
  if (mapping === undefined) {
    report(path, { message: 'cannot use this as an expectation: expected an assertion with its parameters', hint })
    return undefined
  }
  const keys = Object.keys(mapping).filter((key) => key !== 'each' && !wordKeys.includes(key))
  const unknown = keys.filter((key) => !Object.hasOwn(table, key))
  for (const key of unknown) {
    const isTime = key === 'within' || key === 'for'
    report([...path, key], {
      message: isTime ? `cannot use "${key}" here: it stands among the parameters` : `cannot find assertion "${key}"`,
      nearest: isTime ? undefined : () => nearestWord(key, known),
      hint: isTime ? `write it inside the braces of the assertion` : hint,
      atKey: true,
    })
  }
  const [first, second] = keys.filter((key) => !unknown.includes(key))
  if (second !== undefined) {
    report([...path, second], {
      message: `cannot use "${second}" beside "${first}": an expectation is one assertion`,
      hint: 'begin another item of the list with "- "',
      atKey: true,
    })
    return undefined
  }
  if (keys.length === 0) report(path, { message: 'cannot judge an expectation without an assertion', hint })
  return first
}

interface Times {
  /** Undefined after a mistake. */
  readonly withinMs: number | 'default' | undefined
  readonly forMs: number | 'default' | undefined
  /** The parameters without them. */
  readonly rest: unknown
}

/** Takes `within` and `for` out of an assertion's parameters. */
function takeTimes(parameters: unknown, at: Path, filled: Filled, { report }: VariantContext): Times {
  const mapping = asMapping(parameters)
  if (mapping === undefined) return { withinMs: 'default', forMs: 'default', rest: parameters }
  const { within, for: lasting, ...rest } = mapping
  const times = checkShape(timesSchema, { within, for: lasting }, at, report, filled)
  if (times === undefined) return { withinMs: undefined, forMs: undefined, rest }
  const take = (text: string | undefined) => (text === undefined ? 'default' : parseDuration(text))
  return { withinMs: take(times.value.within), forMs: take(times.value.for), rest }
}

function checkReferences(
  references: readonly Reference[],
  at: Path,
  { places }: StandIn,
  filled: Filled,
  { topology, captures, processes }: KnownNames,
  { report }: VariantContext,
): void {
  for (const { kind, name, path } of references) {
    const place = [...at, ...path]
    if (filled.isBroken(place)) continue
    if (!topology.nodeNames.has(name) && places.some((kept) => isDeepStrictEqual(kept, path))) {
      report(place, { message: `cannot use a kept value as a ${kind}: the lab declares those` })
      continue
    }
    const refuse = (message: string, valid: () => Iterable<string>, hint: string | (() => string)) =>
      report(place, { message, nearest: () => nearestWord(name, valid()), hint, atKey: place.at(-1) === name })
    if (kind === 'node' || kind === 'address-of') {
      const node = topology.byName.get(name)
      if (!topology.nodeNames.has(name)) {
        const known = () => topology.nodeNames
        refuse(`cannot judge "${name}": no node has this name`, known, () => `the nodes are ${listNames(known())}`)
      } else if (kind === 'address-of' && node !== undefined && node.address === undefined) {
        refuse(`cannot reach "${name}": the lab gives no address for it`, () => [], `add address: to node ${name}`)
      }
    } else if (kind === 'capture' && !captures.has(name)) {
      const known = soFar(captures)
      const has =
        captures.size === 0 ? 'nothing is captured up to here' : () => `the captures are ${listNames(known())}`
      refuse(`cannot count frames of capture "${name}": neither this step nor one before it has it`, known, has)
    } else if (kind === 'process' && !processes.has(name)) {
      const known = soFar(processes)
      const has =
        processes.size === 0 ? 'nothing is started up to here' : () => `the processes are ${listNames(known())}`
      refuse(`cannot ask process "${name}": neither this step nor one before it starts it`, known, has)
    }
  }
}
