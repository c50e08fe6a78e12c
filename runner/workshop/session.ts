import { topologyOf } from '../announce-scope.ts'
import { usageError } from '../errors.ts'
import type { LabEvent, ObservedMachine, Topology } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import type { Mutation } from '../lab/lab.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { readNetwork } from '../network/read-network.ts'
import { makeHappen } from '../steps/events/make-happen.ts'
import { openSteps } from '../steps/open-steps.ts'
import { restoreSteps, type SavedSteps } from '../steps/saved-steps.ts'
import type { ScopeContext, ScopeEvent } from '../steps/scope-context.ts'
import type { StepContext } from '../steps/step-context.ts'
import { doSteps, pose, rewind } from './do-steps.ts'
import { changesOf, type Inspection, inspect } from './inspect.ts'
import { parseEvent } from './parse-event.ts'
import type { PosedPuzzle } from './puzzle.ts'
import { savesOf } from './saves.ts'
import {
  type Done,
  type DoWish,
  type Listener,
  type Progress,
  progressOf,
  type RewindWish,
  type SessionState,
  saveIfDue,
} from './session-state.ts'
import { verify } from './verify.ts'

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
  /**
   * Brings machines and cables back as the last step that is done left them, or an earlier one. Where they could not be
   * saved then, they come back as an earlier step left them, and the steps from there are done again.
   * @throws WirelabError of kind usage for a step that is none, or is not done
   */
  rewind(wish: RewindWish, asker?: Asker): Promise<Done>
  /** Waits until the machines are saved as the last step left them: what comes now is no part of it. */
  saved(): Promise<void>
  /**
   * Does the steps of the lab with a mistake in them, up to where its puzzle is posed, and tells nobody what is done. The
   * mistake is the mutation at this place of the lab's list. @throws WirelabError
   */
  pose(mutation: number, asker?: Asker): Promise<Progress>
  /** The puzzle that is posed. @throws WirelabError of kind usage when none is */
  puzzle(): PosedPuzzle
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

/** What a session is of: as a scope of a run, without its signal and listener. */
export type SessionScope = Omit<ScopeContext, 'signal' | 'emit'> & {
  readonly signal?: AbortSignal
  /** Of the lab, those that are puzzles among them. */
  readonly mutations?: readonly Mutation[]
}

/** What was done before, in machines that go on as they were. */
export interface SessionGoOn {
  readonly done: number
  readonly steps: SavedSteps
}

/**
 * Takes a testbed into one's hands. Nothing is done in it yet but what its links declare, unless its machines go on as
 * they were.
 */
export async function openSession(scope: SessionScope, goOn?: SessionGoOn): Promise<Session> {
  const ending = new AbortController()
  const signal = scope.signal === undefined ? ending.signal : AbortSignal.any([scope.signal, ending.signal])
  const listeners = new Set<Listener>()
  const happened: ScopeEvent[] = []
  const emit = (event: ScopeEvent) => {
    if (!state.isSecret || isSeen(event)) happened.push(event)
    if (state.isSecret) return
    for (const listener of listeners) listener(event)
  }
  const { context, close } = openSteps({ ...scope, signal, emit })
  const { variant, testbed, mutations = [] } = scope
  if (goOn !== undefined) restoreSteps(context, goOn.steps)
  const state: SessionState = {
    ...{ context, steps: variant.steps, listeners, mutations, puzzle: undefined, isSecret: false },
    ...{ done: goOn?.done ?? 0, broken: undefined, turn: Promise.resolve() },
    ...{ saves: savesOf(context, happened), isToSave: true, saving: Promise.resolve() },
  }
  if (goOn === undefined) await context.impairments.begin()
  state.turn = saveIfDue(state)
  return {
    context,
    progress: () => progressOf(state),
    doSteps: (wish, asker) => inTurn(state, asker, () => doSteps(state, wish, asker?.hasLeft)),
    verify: (step, asker) => inTurn(state, asker, () => verify(state, step, asker?.hasLeft)),
    pose: (mutation, asker) => inTurn(state, asker, () => pose(state, mutation)),
    puzzle: () => demandPuzzle(state),
    happen: (words, asker) => inTurn(state, asker, () => happen(state, words)),
    rewind: (wish, asker) => inTurn(state, asker, () => rewind(state, wish, asker?.hasLeft)),
    saved: () => state.saving,
    inspect: () => inspect(context, changesOf(variant, happened), progressOf(state)),
    network: async () => ({
      topology: topologyOf(variant),
      happened: happened.flatMap((event) => (event.type === 'event-happened' ? [event.event] : [])),
      machines: await readNetwork(variant, testbed, signal),
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

/** Whether somebody would see of a cable, by looking at it, what happened to it. */
const isSeen = (event: ScopeEvent) =>
  event.type !== 'event-happened' ||
  !(event.event.kind === 'impair' || (event.event.kind === 'link' && event.event.state === 'silent'))

function demandPuzzle({ puzzle }: Pick<SessionState, 'puzzle'>): PosedPuzzle {
  if (puzzle !== undefined) return puzzle
  throw usageError('cannot tell of a puzzle: none is posed in this lab', `${ownCommand('break NAME')} poses one`)
}

function hear({ listeners }: SessionState, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Does work when all is done that was asked for before. Whoever asked hears what happens meanwhile. */
function inTurn<T>(state: SessionState, { listener, hasLeft }: Asker = {}, work: () => Promise<T>): Promise<T> {
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
  // Whoever waits for this need not wait for that.
  state.turn = turn.catch(() => {}).then(() => saveIfDue(state))
  return turn
}

async function happen({ context, steps, done }: SessionState, words: string): Promise<string> {
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
