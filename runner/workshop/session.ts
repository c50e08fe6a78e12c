import { topologyOf } from '../announce-scope.ts'
import { usageError } from '../errors.ts'
import type { LabEvent, ObservedMachine, Topology } from '../events.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Step } from '../lab/lab.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { readNetwork } from '../network/read-network.ts'
import { type Outcome, worstOutcome } from '../result.ts'
import { doStep, judgeClaims, whyUnsupported } from '../steps/do-step.ts'
import { makeHappen } from '../steps/events/make-happen.ts'
import { openSteps } from '../steps/open-steps.ts'
import type { ScopeContext, ScopeEvent } from '../steps/scope-context.ts'
import type { StepContext } from '../steps/step-context.ts'
import { lastCalled } from '../steps/steps.ts'
import { changesOf, type Inspection, inspect } from './inspect.ts'
import { parseEvent } from './parse-event.ts'

/** Who hears what happens. */
export type Listener = (event: ScopeEvent) => void

/** A lab that is up, in somebody's hands. What changes it is done one after the other; all else beside it. */
export interface Session {
  readonly context: StepContext
  /** Which steps are done, and what comes next. */
  progress(): Progress
  /**
   * Does the next step that does something, or all up to the one that is named.
   * @throws WirelabError of kind usage when there is none, or it is done
   */
  doSteps(wish: DoWish, asker?: Asker): Promise<Done>
  /**
   * Judges now what the lab claims: of a step, or of all since the last that did something and before the next.
   * @throws WirelabError of kind usage for a step that is none
   */
  verify(step: string | undefined, asker?: Asker): Promise<Done>
  /** Makes an event happen, in the words of a lab file. Returns its words. @throws WirelabError */
  happen(words: string, asker?: Asker): Promise<string>
  inspect(): Promise<Inspection>
  /** Asks the machines for their network. */
  network(): Promise<LiveNetwork>
  /** The node of that name. @throws WirelabError of kind usage with the nearest */
  demandNode(name: string): void
  /** To be called when somebody typed commands on a node: cables that are made worse follow their NICs. */
  typedOn(node: string): Promise<void>
  /** Hears of all that happens, until the returned function is called. */
  hear(listener: Listener): () => void
  /** Ends it in order, with all machines. What is being done is aborted. */
  end(): Promise<void>
}

/** The network of a lab that is up: what was declared, what happened to it since, and what its kernels say. */
export interface LiveNetwork {
  readonly topology: Topology
  readonly happened: readonly LabEvent[]
  readonly machines: readonly ObservedMachine[]
}

/** Who asks for something that takes a while. */
export interface Asker {
  /** Hears what happens meanwhile. */
  readonly listener?: Listener
  /** Nobody waits for the answer any more: what is begun is done to its end, and nothing else is begun. */
  readonly hasLeft?: () => boolean
}

export interface DoWish {
  /** The name or id of the last step to do. */
  readonly until?: string | undefined
  /** All steps are meant. */
  readonly toEnd?: boolean | undefined
  /** They were done by hand: they only count as done. */
  readonly byHand?: boolean | undefined
  /** Judge what they claim, too. */
  readonly verify?: boolean | undefined
}

/** What came of steps that were done or judged. */
export interface Done {
  /** The worst of what was judged; passed when nothing was, and nothing went wrong. */
  readonly outcome: Outcome
  /** Names of the steps. */
  readonly steps: readonly string[]
  /** What went wrong with the last of them. It does not count as done. */
  readonly broken?: string
  readonly progress: Progress
}

export interface Progress {
  /** How many steps are done, and of how many. */
  readonly done: number
  readonly of: number
  /** The last that is done. */
  readonly last?: string
  /** The next that does something. */
  readonly next?: string
  /** What went wrong with the step that was tried last. */
  readonly broken?: string
}

/** What a session is of: as a scope of a run, without its signal and listener. */
export type SessionScope = Omit<ScopeContext, 'signal' | 'emit'> & { readonly signal?: AbortSignal }

/** Everything that a session knows. */
interface State {
  readonly context: StepContext
  readonly steps: readonly Step[]
  readonly listeners: Set<Listener>
  done: number
  broken: string | undefined
  /** What is being done, and waits to be done. */
  turn: Promise<unknown>
}

/** Takes a testbed into one's hands; nothing is done in it yet but what its links declare. */
export async function openSession(scope: SessionScope): Promise<Session> {
  const ending = new AbortController()
  const signal = scope.signal === undefined ? ending.signal : AbortSignal.any([scope.signal, ending.signal])
  const listeners = new Set<Listener>()
  const changes = changesOf(scope.variant)
  const happened: LabEvent[] = []
  const emit = (event: ScopeEvent) => {
    changes.note(event)
    if (event.type === 'event-happened') happened.push(event.event)
    for (const listener of listeners) listener(event)
  }
  const { context, close } = openSteps({ ...scope, signal, emit })
  const { variant, testbed } = scope
  await context.impairments.begin()
  const state: State = {
    ...{ context, steps: variant.steps, listeners, done: 0, broken: undefined, turn: Promise.resolve() },
  }
  return {
    context,
    progress: () => progressOf(state),
    doSteps: (wish, asker) => inTurn(state, asker, () => doSteps(state, wish, asker?.hasLeft)),
    verify: (step, asker) => inTurn(state, asker, () => verify(state, step, asker?.hasLeft)),
    happen: (words, asker) => inTurn(state, asker, () => happen(state, words)),
    inspect: () => inspect(context, changes, progressOf(state)),
    network: async () => ({
      ...{ topology: topologyOf(variant), happened, machines: await readNetwork(variant, testbed, signal) },
    }),
    demandNode: (name) => demandNode(context, name),
    typedOn: (node) => context.impairments.follow(context.nodes.machineOf(node).name),
    hear: (listener) => hear(state, listener),
    async end() {
      ending.abort(usageError('cannot go on: the session is being ended'))
      try {
        await testbed.tearDown()
      } finally {
        close()
      }
    },
  }
}

function hear({ listeners }: State, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Does work when all is done that was asked for before. Whoever asked hears what happens meanwhile. */
function inTurn<T>(state: State, { listener, hasLeft }: Asker = {}, work: () => Promise<T>): Promise<T> {
  const turn = state.turn.then(async () => {
    state.context.signal.throwIfAborted()
    if (hasLeft?.()) throw usageError('cannot begin: whoever asked has left')
    const end = listener === undefined ? () => {} : hear(state, listener)
    try {
      return await work()
    } finally {
      end()
    }
  })
  state.turn = turn.catch(() => {})
  return turn
}

const doesSomething = ({ actions }: Step) => actions.length > 0

function progressOf({ steps, done, broken }: State): Progress {
  const last = steps[done - 1]?.name
  const next = (steps.slice(done).find(doesSomething) ?? steps[done])?.name
  return {
    ...{ done, of: steps.length },
    ...(last === undefined ? {} : { last }),
    ...(next === undefined ? {} : { next }),
    ...(broken === undefined ? {} : { broken }),
  }
}

async function doSteps(state: State, { until, toEnd, byHand, verify }: DoWish, hasLeft = () => false): Promise<Done> {
  const { context, steps } = state
  const next = () => (toEnd ? steps.length - 1 : nextPlace(state))
  const target = until === undefined ? next() : placeOf(steps, until)
  if (until !== undefined && target < state.done)
    throw usageError(`cannot do step "${until}": it is done already`, hintOf(state))
  const did: Step[] = []
  while (state.done <= target && !hasLeft()) {
    const step = steps[state.done] as Step
    if (!byHand) {
      did.push(step)
      state.broken = await tryStep(step, verify === true, context)
      if (state.broken !== undefined) break
    } else state.broken = undefined
    state.done++
  }
  return doneOf(state, did, state.broken)
}

/** The place of the next step that does something, or of the last one. */
function nextPlace({ steps, done }: State): number {
  if (done >= steps.length) throw usageError('cannot do the next step: all are done')
  const next = steps.findIndex((step, place) => place >= done && doesSomething(step))
  return next === -1 ? steps.length - 1 : next
}

function placeOf(steps: readonly Step[], word: string): number {
  const step = lastCalled(word, steps)
  if (step !== undefined) return steps.indexOf(step)
  const words = steps.flatMap(({ name, id }) => (id === undefined ? [name] : [name, id]))
  const nearest = nearestWord(word, words)
  throw usageError(
    `cannot find step "${word}": the lab has no such step`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"? `}its steps are ${words.map((one) => `"${one}"`).join(', ')}`,
  )
}

const hintOf = ({ steps, done }: State) =>
  done >= steps.length ? 'all steps are done' : `the next one is "${steps[done]?.name}"`

/** Does a step. Returns what went wrong. */
async function tryStep(step: Step, verify: boolean, context: StepContext): Promise<string | undefined> {
  const unsupported = whyUnsupported(step, context.testbed)
  if (unsupported !== undefined) return `step "${step.name}" can't be done: ${unsupported}`
  // What only claims something is judged with its captures, or not at all.
  const captures = verify || doesSomething(step) ? step.captures : step.captures.filter((one) => !isOwn(one, step))
  const broken = await doStep({ ...step, captures }, { onlyDo: !verify }, context)
  return broken?.wentWrong === undefined ? broken?.reason : `${broken.reason}: ${broken.wentWrong.message}`
}

/** Whether a capture ends with the step that begins it. */
const isOwn = ({ until }: Step['captures'][number], { index }: Step) => (until ?? index) === index

async function verify(state: State, word: string | undefined, hasLeft = () => false): Promise<Done> {
  const { context, steps } = state
  const places = word === undefined ? placesHere(state) : [placeOf(steps, word)]
  const judged: Step[] = []
  context.roundTrips.forget()
  for (const place of places) {
    const step = steps[place] as Step
    if (hasLeft()) break
    judged.push(step)
    const isNext = place === state.done && !doesSomething(step)
    if (isNext || (!doesSomething(step) && step.captures.every((one) => isOwn(one, step)))) {
      const broken = await tryStep(step, true, context)
      if (broken !== undefined) return doneOf(state, judged, broken)
      if (isNext) state.done++
    } else {
      await judgeClaims(step, context)
    }
  }
  return doneOf(state, judged)
}

/** The places from the last step that did something to the next that will. */
function placesHere({ steps, done }: State): readonly number[] {
  const from = Math.max(
    0,
    steps.findLastIndex((step, place) => place < done && doesSomething(step)),
  )
  const next = steps.findIndex((step, place) => place >= done && doesSomething(step))
  const until = next === -1 ? steps.length : next
  return steps.flatMap(({ expectations }, place) =>
    place >= from && place < until && expectations.length > 0 ? [place] : [],
  )
}

function doneOf(state: State, steps: readonly Step[], broken?: string): Done {
  const { verdicts } = state.context
  const outcomes = steps.flatMap(caseNames).flatMap((name) => verdicts.get(name) ?? [])
  return {
    outcome: worstOutcome([broken === undefined ? 'passed' : 'error', ...outcomes]),
    steps: steps.map(({ name }) => name),
    ...(broken === undefined ? {} : { broken }),
    progress: progressOf(state),
  }
}

async function happen({ context, steps, done }: State, words: string): Promise<string> {
  const event = parseEvent(words, context.variant)
  const unsupported = context.testbed.unsupported(event)
  if (unsupported !== undefined) throw usageError(`cannot do "${words}": ${unsupported}`)
  const happened = await makeHappen(event, steps[Math.max(0, done - 1)]?.index ?? 0, context)
  return happened.words
}

function demandNode({ variant }: StepContext, name: string): void {
  const names = variant.nodes.map((node) => node.name)
  if (names.includes(name)) return
  const nearest = nearestWord(name, names)
  throw usageError(
    `cannot find node ${name}: the lab has none of this name`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"? `}its nodes are ${names.join(', ')}`,
  )
}
