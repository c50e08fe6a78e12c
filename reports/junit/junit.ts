import { relative } from 'node:path'
import type { RunStarted } from '../../runner/events.ts'
import type { Audience, Reporter } from '../reporter.ts'
import { type CaseHistory, caseHistories, caseKey, isFlaky, troublesOf } from '../run/case-history.ts'
import { findLogs } from '../run/logs.ts'
import { renderLost } from '../run/lost-files.ts'
import { manyScopes } from '../run/many-scopes.ts'
import { type Score, scoreOf } from '../run/mutants.ts'
import { countOutcomes, isTrouble } from '../run/outcomes.ts'
import type { RunStory } from '../run/story.ts'
import type { JudgedCase, RunSummary, ScopeSummary } from '../run/summary.ts'
import { boundedText, oneLine } from '../text/plain-text.ts'
import { renderEvidence } from './evidence.ts'
import { type OutputOptions, renderOutput } from './output.ts'
import { renderProperties, scoreProperties } from './properties.ts'
import type { XmlElement } from './xml.ts'
import { renderXml } from './xml.ts'

/** The report that CI systems read. */
export const junit: Reporter = {
  file: 'junit.xml',
  readers: 'CI systems',
  async *render(story, { files = [], audience = {} }) {
    yield { name: this.file, text: renderJunit(story, { ...audience, files }) }
  },
}

/**
 * How the file is written. The `reader` adds the attributes that it reads and that not both schemas have. For Jenkins
 * `timestamp`, `hostname` and `file` of a suite, which Surefire's schema lacks; for GitLab and GitHub's reporters
 * those, `file` and `line` of a testcase, and `skipped` of the whole. Without it the file is valid against junit-10.xsd
 * of Jenkins' xUnit plugin, and each suite of it, on its own, against Surefire's surefire-test-report.xsd, which has no
 * `testsuites`.
 */
export interface JunitOptions extends Audience {
  /** Paths in the results folder. */
  readonly files?: readonly string[]
}

/**
 * A run as JUnit XML, in pieces: one testsuite a scope, one testcase a case, and one of each more when the record is not
 * whole.
 * Each announced case is in it; one that never came to a verdict is an error. Text is bounded to 64 Ki characters a
 * case, and to less where the whole would pass 20 MB (GitLab takes 30); what a person would open next is named as
 * attachments. Schemas: jenkinsci/xunit-plugin, junit-10.xsd; apache/maven-surefire, surefire-test-report.xsd (3.0).
 */
export function renderJunit(story: RunStory, options: JunitOptions = {}): Iterable<string> {
  const { scopes } = story.summary
  const flaky = new Map(
    caseHistories(scopes)
      .filter(isFlaky)
      .map((one) => [caseKey(one, one), one]),
  )
  const logsIn = findLogs(options.files)
  const draw = (maxText: number) => renderSuites(story, { ...options, logsIn, flaky, maxText })
  if (scopes.length > manyScopes) {
    const troubles = scopes.reduce((sum, { cases }) => sum + cases.filter((one) => isTrouble(one.outcome)).length, 0)
    return draw(Math.min(smallestText, Math.floor(maxBytes / 2 / troubles)))
  }
  for (const maxText of textBounds) {
    const pieces = [...draw(maxText)]
    if (pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0) <= maxBytes) return pieces
  }
  return draw(smallestText)
}

const maxBytes = 20_000_000
const textBounds = [1 << 16, 1 << 13]
const smallestText = 1 << 10
/** The name of the suite that no scope has. */
export const recordSuite = 'record'

const maxMessage = 2000
const maxName = 500
const maxFlakes = 4

interface SuiteOptions extends JunitOptions, OutputOptions {
  /** By key: the cases whose repetitions differ. */
  readonly flaky: ReadonlyMap<string, CaseHistory>
  /** Characters of a case's text. */
  readonly maxText: number
}

function renderSuites({ summary, tell }: RunStory, options: SuiteOptions) {
  const nameTestcase = createNamer()
  return renderXml({
    name: 'testsuites',
    attributes: {
      name: 'wirelab',
      ...countsOf([...summary.scopes.flatMap(({ cases }) => cases), ...wholeness(summary)], readsPlaces(options)),
      time: seconds(summary.durationMs),
    },
    children: (function* () {
      for (const scope of summary.scopes) {
        // Of what passed the outline tells all.
        const told = isTrouble(scope.outcome) ? tell(scope).summary : scope
        yield renderSuite(told, summary, options, nameTestcase)
      }
      yield* renderScoreSuite(scoreOf(summary.scopes))
      yield* renderRecordSuite(summary)
    })(),
  })
}

/** A lab's file named from the checkout of a job; one that is elsewhere keeps its name. */
function inProject<T extends { readonly file: string }>(one: T, { project }: JunitOptions): T {
  const file = project === undefined || one.file === '' ? one.file : relative(project, one.file)
  return file.startsWith('..') ? one : { ...one, file }
}

/** A suite without cases that has the score of mutants as its properties. */
const renderScoreSuite = (scores: readonly Score[]): XmlElement[] =>
  scores.length === 0
    ? []
    : [
        {
          name: 'testsuite',
          attributes: { name: 'mutants', ...countsOf([], true), time: seconds(0) },
          children: [scoreProperties(scores)],
        },
      ]

/** What of the run is an error and of none of its scopes: that files of its record could not be written. */
const wholeness = ({ lost }: RunSummary) => (lost.length === 0 ? [] : [{ outcome: 'error' } as const])

/** A suite that has this as its only case, so that whoever reads no exit code sees it too. */
const renderRecordSuite = (summary: RunSummary): XmlElement[] =>
  wholeness(summary).map((one) => {
    const text = renderLost(summary.lost).join('\n')
    const error = { name: 'error', attributes: { message: oneLine(text, maxMessage), type: 'wirelab.record' }, text }
    const testcase = { name: 'the record is whole', classname: 'wirelab.record', time: seconds(0) }
    return {
      name: 'testsuite',
      attributes: { name: recordSuite, ...countsOf([one], true), time: seconds(0) },
      children: [{ name: 'testcase', attributes: testcase, children: [error] }],
    }
  })

function renderSuite(scope: ScopeSummary, { started }: RunSummary, options: SuiteOptions, nameTestcase: Namer) {
  const classname = classnameOf(scope)
  return {
    name: 'testsuite',
    attributes: {
      name: oneLine(scope.scope, maxName),
      ...countsOf(scope.cases, true),
      time: seconds(scope.durationMs),
      ...(options.reader === undefined ? {} : originOf(scope, started, options)),
    },
    children: [
      renderProperties(scope, started, scope.cases.filter((one) => options.flaky.has(caseKey(scope, one))).length),
      ...scope.cases.map((one) => {
        const repetition = scope.started?.repetition ?? 1
        const name = repetition > 1 ? `${one.name} [${repetition}]` : one.name
        return renderCase(scope, one, { classname, name: nameTestcase(classname, oneLine(name, maxName)), options })
      }),
    ],
  }
}

function renderCase(
  scope: ScopeSummary,
  one: JudgedCase,
  { classname, name, options }: { classname: string; name: string; options: SuiteOptions },
): XmlElement {
  const output = renderOutput(scope, one, options)
  const place = readsPlaces(options)
    ? { file: one.file === '' ? undefined : oneLine(inProject(one, options).file, maxName), line: one.line }
    : {}
  return {
    name: 'testcase',
    attributes: { name, classname, time: seconds(one.durationMs), ...place },
    children: [
      ...renderOutcome(scope, one, options),
      ...renderFlakes(scope, one, options.flaky.get(caseKey(scope, one)), options),
      // One element only: GitLab's parser can't read a case that has two.
      ...(output === '' ? [] : [{ name: 'system-out', attributes: {}, text: output }]),
    ],
  }
}

function renderOutcome(scope: ScopeSummary, one: JudgedCase, options: SuiteOptions): XmlElement[] {
  if (one.outcome === 'passed') return []
  const message = oneLine(one.message, maxMessage)
  if (one.outcome === 'skipped') return [{ name: 'skipped', attributes: { message }, text: message }]
  return [
    {
      name: one.outcome === 'failed' ? 'failure' : 'error',
      attributes: { message, type: typeOf(one) },
      text: boundedText(renderEvidence(scope, inProject(one, options)), options.maxText),
    },
  ]
}

/**
 * What repetitions and other tries found wrong with a case that passed here, as Surefire reports a test that passed
 * when run again.
 */
function renderFlakes(
  own: ScopeSummary,
  one: JudgedCase,
  flaky: CaseHistory | undefined,
  options: SuiteOptions,
): XmlElement[] {
  if (one.outcome !== 'passed') return []
  const found = [
    ...(flaky === undefined ? [] : troublesOf(flaky)),
    ...(one.otherTries ?? []).filter(({ outcome }) => isTrouble(outcome)).map((judged) => ({ scope: own, judged })),
  ]
  const isError = ({ judged }: (typeof found)[number]) => Number(judged.outcome === 'error')
  const troubles = found.toSorted((left, right) => isError(left) - isError(right))
  return troubles.slice(0, maxFlakes).map(({ scope, judged }) => ({
    name: judged.outcome === 'failed' ? 'flakyFailure' : 'flakyError',
    attributes: { message: oneLine(judged.message, maxMessage), type: typeOf(judged) },
    children: [
      {
        name: 'stackTrace',
        attributes: {},
        text: boundedText(renderEvidence(scope, inProject(judged, options)), options.maxText / maxFlakes),
      },
    ],
  }))
}

// With a dot in it, since GitLab's parser converts elements whose type is `file`, `array` or the like.
function typeOf({ verdict, outcome }: JudgedCase) {
  if (verdict === undefined) return outcome === 'failed' ? 'wirelab.failed' : 'wirelab.error'
  const assertion = oneLine(verdict.assertion, 100)
  return outcome === 'failed' ? `wirelab.${assertion}` : `wirelab.${assertion}.inconclusive`
}

const readsPlaces = ({ reader }: JunitOptions) => reader === 'gitlab' || reader === 'github'

/** When, where and from which file a suite ran. */
function originOf({ startedAtMs, started }: ScopeSummary, run: RunStarted | undefined, options: JunitOptions) {
  const startMs = run === undefined ? Number.NaN : Date.parse(run.startedAt) + startedAtMs
  return {
    timestamp: Number.isNaN(startMs) ? undefined : new Date(startMs).toISOString(),
    hostname: run === undefined ? undefined : oneLine(run.surroundings.host),
    file: started === undefined ? undefined : oneLine(inProject(started, options).file, maxName),
  }
}

/** Dots part a package from a class for those who read this, so a lab's or variant's own become underscores. */
const classnameOf = ({ lab, variant, started }: ScopeSummary) =>
  [
    'wirelab',
    ...[lab, variant].map((part) => oneLine(part).replaceAll(/[.\s]/g, '_')),
    started?.mutation && 'mutations',
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('.')

function countsOf(cases: readonly Pick<JudgedCase, 'outcome'>[], withSkipped: boolean) {
  const { failed: failures, error: errors, skipped } = countOutcomes(cases)
  return { tests: cases.length, failures, errors, ...(withSkipped ? { skipped } : {}) }
}

type Namer = (classname: string, name: string) => string

/** GitLab shows only the first of two cases with the same class and name. */
function createNamer(): Namer {
  const taken = new Set<string>()
  return (classname, name) => {
    let unique = name
    for (let n = 2; taken.has(`${classname}\n${unique}`); n += 1) unique = `${name} (${n})`
    taken.add(`${classname}\n${unique}`)
    return unique
  }
}

const seconds = (durationMs: number) => (Number.isFinite(durationMs) ? Math.max(0, durationMs) / 1000 : 0).toFixed(3)
