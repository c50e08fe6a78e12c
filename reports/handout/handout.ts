import type { CopiedFile, ScopeStarted, Topology } from '../../runner/events.ts'
import type { RunStory, StepStory } from '../run/story.ts'
import { drawNetwork } from '../topology/network.ts'
import type { Drawing } from '../topology/topology.ts'
import { askAbout, type Question, questionsOf } from './question.ts'

/** A lab as it is handed out in a workshop, with the outputs of a run that passed. */
export interface Handout {
  readonly lab: string
  readonly title: string
  readonly summary: string
  readonly errata: NonNullable<ScopeStarted['errata']>
  readonly variants: readonly HandoutVariant[]
  /** What the outputs come from, in words. */
  readonly source: string
}

/** For whom a handout is, and what it says of doing the lab by hand. */
export interface HandoutOptions {
  readonly student: boolean
  /** Commands with what they do. */
  readonly byHand?: readonly { readonly command: string; readonly does: string }[]
}

export interface HandoutVariant {
  readonly name: string
  readonly topology: ScopeStarted['topology']
  /** Steps that are word for word those of the first variant are left out of the others. */
  readonly steps: readonly HandoutStep[]
  /** How many were left out. */
  readonly asBefore: number
}

export interface HandoutStep {
  /** Counted from 1, as in the lab. */
  readonly number: number
  readonly name: string
  readonly why?: string
  readonly node?: string
  readonly script?: string
  readonly copies: readonly CopiedFile[]
  /** What happens to cables, machines and NICs. */
  readonly events: readonly string[]
  /** What the commands printed. */
  readonly output: string
  readonly questions: readonly Question[]
  readonly outages: StepStory['outages']
  /** The network after it as the run saw it, where it changed. */
  readonly network?: Drawing
}

/**
 * A handout of a lab from a run, of one variant or of all that ran. A text instead of it says why there is none: it did
 * not run, or did not pass.
 */
export function makeHandout({ summary, tell }: RunStory, lab: string, variant?: string): Handout | string {
  const own = summary.scopes.filter(
    (scope) =>
      scope.lab === lab &&
      (variant === undefined || scope.variant === variant) &&
      scope.started?.mutation === undefined,
  )
  if (own.length === 0) return 'the lab is not in it'
  const bad = own.find((scope) => scope.outcome !== 'passed' || scope.started === undefined)
  if (bad !== undefined) return `${bad.scope} did not pass (${bad.outcome})`
  const first = own[0]?.started
  if (first === undefined || summary.started === undefined) return 'its beginning is missing'
  const { run, startedAt, surroundings } = summary.started
  const firsts = own
    .map(tell)
    .flatMap(({ summary: { started }, steps }) =>
      started?.repetition === 1
        ? [{ started, steps: steps.filter(isOfLab).map((step) => handOut(step, started.topology)) }]
        : [],
    )
  const source = `run ${run} of ${startedAt.slice(0, 10)}: kernel ${surroundings.kernel}, image ${surroundings.image}`
  return assembleHandout(firsts, source)
}

/** A variant with all of its steps. */
export interface WholeVariant {
  readonly started: Pick<ScopeStarted, 'lab' | 'variant' | 'title' | 'summary' | 'errata' | 'topology'>
  readonly steps: readonly HandoutStep[]
}

/** The handout of these variants of a lab; what later ones share with the first is left out of them. */
export function assembleHandout(variants: readonly WholeVariant[], source: string): Handout {
  const [first] = variants
  const known = new Set(first?.steps.map(contentOf))
  return {
    lab: first?.started.lab ?? '',
    title: first?.started.title ?? '',
    summary: first?.started.summary ?? '',
    errata: first?.started.errata ?? [],
    variants: variants.map((variant, index) => variantOf(variant, index === 0 ? new Set() : known)),
    source,
  }
}

/** That nothing crashed the runner asks by itself; it is no step of the lab. */
const isOfLab = ({ cases }: StepStory) => !cases.some(({ verdict }) => verdict?.assertion === 'no-crash')

/** What tells a question from others of its step, and leads to its answer: ` (2)`; nothing when there is but one. */
export const numberOf = (at: number, { questions }: HandoutStep): string => (questions.length > 1 ? ` (${at + 1})` : '')

/** The handout for students: what the names and reasons of steps that only look would tell is left for them to find. */
export const forStudents = (handout: Handout): Handout => ({
  ...handout,
  variants: handout.variants.map((variant) => ({ ...variant, steps: variant.steps.map(hideAnswer) })),
})

function hideAnswer(step: HandoutStep): HandoutStep {
  const { why, network: _, ...rest } = step
  const looksOnly = step.script === undefined && step.events.length + step.copies.length === 0
  const kept = why === undefined || looksOnly ? rest : { ...rest, why }
  return { ...kept, name: looksOnly && step.questions.length > 0 ? 'What do you expect now?' : step.name, output: '' }
}

function variantOf({ started, steps }: WholeVariant, known: ReadonlySet<string>): HandoutVariant {
  const shown = steps.filter((step) => !known.has(contentOf(step)))
  return { name: started.variant, topology: started.topology, steps: shown, asBefore: steps.length - shown.length }
}

function handOut(
  { step, started, commands, cases, outages, network, happenedSoFar }: StepStory,
  topology: Topology,
): HandoutStep {
  const name = started?.name ?? `Step ${step + 1}`
  const node = started?.node
  const own = commands.filter(({ command }) => command === started?.script)
  return {
    number: step + 1,
    name,
    ...(started?.why === undefined ? {} : { why: started.why }),
    ...(node === undefined ? {} : { node }),
    ...(started?.script === undefined ? {} : { script: started.script.trimEnd() }),
    copies: started?.copies ?? [],
    events: (started?.events ?? []).map(({ words }) => words),
    output: own.map(({ stdout, stderr }) => `${stdout}${stderr}`).join(''),
    questions: questionsOf(
      started ?? {},
      cases.flatMap(({ verdict }) => (verdict === undefined ? [] : [askAbout(verdict)])),
    ),
    outages,
    ...(network === undefined ? {} : { network: drawNetwork(topology, network, happenedSoFar) }),
  }
}

/** What makes two variants' steps the same for who reads them: all but what chance shaped. */
const contentOf = ({ name, why, node, script, copies, events, questions }: HandoutStep) =>
  JSON.stringify([
    name,
    why,
    node,
    script,
    copies,
    events,
    questions.map(({ question, cells, wanted }) => [question, cells, wanted]),
  ])
