import type { Outcome } from '../../runner/result.ts'
import { recordSuite } from './junit.ts'
import { parseXml } from './parse-xml.ts'
import type { XmlElement } from './xml.ts'

/** What became of a run's cases, as its junit.xml has it. */
export interface RunVerdicts {
  /** What it was made with, by the names of properties, as `provider`: of its suites, each value once. */
  readonly made: Readonly<Record<string, string>>
  readonly scopes: readonly ScopeVerdicts[]
}

export interface ScopeVerdicts {
  readonly scope: string
  readonly cases: readonly CaseVerdict[]
}

export interface CaseVerdict {
  /** Unique in the scope. */
  readonly name: string
  readonly outcome: Outcome
  /** Why it is not passed; empty when it is. */
  readonly message: string
}

/**
 * The verdicts in a junit.xml that wirelab wrote. They stand in it in one way, whatever the version of the run's
 * events. Throws an `Error` that says what is wrong with the text.
 */
export function parseJunit(text: string): RunVerdicts {
  const root = parseXml(text)
  const suites = childrenOf(root, 'testsuites', ['testsuite'])
  return {
    made: propertiesOf(suites),
    scopes: suites
      .map((suite) => ({
        scope: attributeOf(suite, 'name'),
        cases: childrenOf(suite, 'testsuite', ['properties', 'testcase'])
          .filter(({ name }) => name === 'testcase')
          .map(verdictOf),
      }))
      // The score of mutants is a suite without cases; a scope has one at least. That of the record is no scope's.
      .filter(({ scope, cases }) => cases.length > 0 && scope !== recordSuite),
  }
}

const ofCase = ['failure', 'error', 'skipped', 'flakyFailure', 'flakyError', 'system-out'] as const

function verdictOf(testcase: XmlElement): CaseVerdict {
  const inside = childrenOf(testcase, 'testcase', ofCase)
  const trouble = inside.find(({ name }) => Object.hasOwn(outcomeOf, name))
  const name = attributeOf(testcase, 'name')
  if (trouble === undefined) return { name, outcome: 'passed', message: '' }
  return { name, outcome: outcomeOf[trouble.name] ?? 'error', message: attributeOf(trouble, 'message') }
}

const outcomeOf: Readonly<Record<string, Outcome>> = { failure: 'failed', error: 'error', skipped: 'skipped' }

function propertiesOf(suites: readonly XmlElement[]): RunVerdicts['made'] {
  const known = suites
    .flatMap(({ children = [] }) => children.filter(({ name }) => name === 'properties'))
    .flatMap(({ children = [] }) =>
      children.map((one) => [attributeOf(one, 'name'), attributeOf(one, 'value')] as const),
    )
  const byName = Map.groupBy(known, ([name]) => name)
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, [...new Set(all.map(([, value]) => value))].join(', ')]),
  )
}

function childrenOf({ name, children = [] }: XmlElement, wanted: string, known: readonly string[]) {
  if (name !== wanted) throw new Error(`it has an element ${name} where a ${wanted} belongs`)
  const stranger = children.find((child) => !known.includes(child.name))
  if (stranger !== undefined) throw new Error(`it has an element ${stranger.name} in a ${wanted}`)
  return children
}

function attributeOf({ name, attributes }: XmlElement, key: string): string {
  const value = attributes[key]
  if (value === undefined) throw new Error(`it has an element ${name} without ${key}`)
  return String(value)
}
