import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Engine, PartState } from './engine.ts'
import { type EngineRun, folderOf, partFolder, writeEngineRun } from './engine-run.ts'
import { followResults, type PartResults } from './part-results.ts'

export interface FollowOptions {
  readonly engine: Engine
  /** The results folder of the run; absolute. */
  readonly results: string
  readonly signal: AbortSignal
  /** Receives what all parts together have done, whenever that is looked at. */
  show(status: string): void
  /** Receives what happened to a part, in words. */
  tell(line: string): void
  /** How long to wait between two looks. */
  readonly everyMs?: number
}

/**
 * Hands over what was not yet, watches all parts of a run until each has come to its end, and hands those over again
 * that were lost. Returns the results folders of the parts that are whole. Each change is recorded, so that another
 * process can go on with this. @throws WirelabError when nothing can be handed over; the signal's reason
 */
export async function followRun(given: EngineRun, options: FollowOptions): Promise<readonly string[]> {
  const { engine, results, signal, show, tell, everyMs = 2000 } = options
  const parts = Array.from({ length: given.of }, (_, at) => at + 1)
  const followers = new Map<string, () => PartResults>()
  const look = (part: number, attempt: number) => {
    const folder = partFolder(results, part, attempt)
    const follow = followers.get(folder) ?? followResults(folder)
    followers.set(folder, follow)
    return { folder, ...follow() }
  }
  const told = new Set<string>()
  const tellOnce = (line: string) => {
    if (!told.has(line)) tell(line)
    told.add(line)
  }
  // What left the queue may have written results that a shared folder shows a little later.
  const goneBefore = new Set<string>()
  let run = given
  for (;;) {
    const states = await statesOf(run, engine, tellOnce)
    const all = parts.map((part) => {
      const status = statusOf(part, run, states, look)
      const key = `${part}.${status.tries}`
      const isLost = status.isLost && (status.tries === 0 || goneBefore.has(key))
      if (status.isLost) goneBefore.add(key)
      return { ...status, isLost }
    })
    show(renderStatus(run, all))
    if (states !== undefined) {
      const lost = all.filter(({ isLost }) => isLost)
      for (const { part, tries, state } of lost) if (tries > 0) tellOnce(renderLoss(part, tries, state, run))
      const again = lost.filter(({ tries }) => tries < run.tries)
      if (again.length > 0) run = await submitAgain(run, again, options)
      else if (all.every(({ whole, isLost }) => whole !== undefined || isLost)) {
        return all.flatMap(({ whole }) => whole ?? [])
      }
    }
    await delay(everyMs, undefined, { signal })
  }
}

type States = ReadonlyMap<number, ReadonlyMap<number, PartState>>

/** The states of all that was handed over, by attempt and part; undefined when the engine doesn't answer. */
async function statesOf(run: EngineRun, engine: Engine, tell: (line: string) => void): Promise<States | undefined> {
  const states = new Map<number, ReadonlyMap<number, PartState>>()
  try {
    const known = run.submissions.flatMap(({ id, ...rest }) => (id === undefined ? [] : [{ id, ...rest }]))
    const answers = known.length === 0 ? [] : await engine.watch(known)
    for (const [at, { attempt }] of known.entries()) states.set(attempt, answers[at] ?? new Map())
    return states
  } catch (error) {
    tell(`the parts can't be watched just now: ${messageOf(error)}`)
    return undefined
  }
}

interface PartStatus {
  readonly part: number
  /** How often it was handed over. */
  readonly tries: number
  readonly state: PartState
  /** The folder of an attempt that came to its end. */
  readonly whole: string | undefined
  readonly isLost: boolean
  readonly results: Omit<PartResults, 'whole'>
}

/** Of the results of a part count those of an attempt that is whole, or else those of the newest. */
function statusOf(
  part: number,
  { submissions }: EngineRun,
  states: States | undefined,
  look: (part: number, attempt: number) => PartResults & { readonly folder: string },
): PartStatus {
  const attempts = submissions.filter(({ parts }) => parts.includes(part)).map(({ attempt }) => attempt)
  const newest = attempts.at(-1)
  // Results are looked at after the queue: what had left that has written them by then.
  const looks = attempts.map((attempt) => look(part, attempt))
  const state = (newest === undefined ? undefined : states?.get(newest)?.get(part)) ?? { state: 'gone' }
  const whole = looks.find((one) => one.whole)
  const results = whole ?? looks.at(-1) ?? { done: 0, failed: 0, error: 0 }
  const isLost = states !== undefined && whole === undefined && state.state === 'gone'
  return { part, tries: attempts.length, state, whole: whole?.folder, isLost, results }
}

/** Hands parts over that nothing does; what was too long gets twice the time. */
async function submitAgain(run: EngineRun, lost: readonly PartStatus[], { engine, results }: FollowOptions) {
  const attempt = run.submissions.length + 1
  const parts = lost.map(({ part }) => part)
  const isTooLong = lost.some(({ state }) => state.tooLong)
  const needs = { ...run.needs, longer: run.needs.longer * (isTooLong ? 2 : 1) }
  const begun = { ...run, needs, submissions: [...run.submissions, { attempt, parts }] }
  // Recorded before: should this process end meanwhile, its parts get folders that no other attempt has.
  writeEngineRun(results, begun)
  const script = `attempt=${attempt}\n${run.script}`
  const id = await engine.submit({ parts, script, folder: folderOf(results), attempt, needs })
  const submitted = { ...run, needs, submissions: [...run.submissions, { attempt, parts, id }] }
  writeEngineRun(results, submitted)
  return submitted
}

const renderLoss = (part: number, tries: number, { reason, node }: PartState, run: EngineRun) =>
  `part ${part}/${run.of} was lost${node ? ` on ${node}` : ''}${reason ? ` (${reason})` : ''}, try ${tries} of ${run.tries}${tries < run.tries ? ': it is handed over again' : ': what it printed is in engine/'}`

/** That others come first needs no words. */
const ordinary: ReadonlySet<string> = new Set(['', 'None', 'Resources', 'Priority'])

function renderStatus({ scopes, of }: EngineRun, all: readonly PartStatus[]): string {
  const sum = (key: 'done' | 'failed' | 'error') => all.reduce((total, { results }) => total + results[key], 0)
  const running = all.filter(({ whole, state }) => whole === undefined && state.state === 'running')
  const nodes = [...new Set(running.flatMap(({ state }) => state.node ?? []))].filter((node) => node !== '')
  const waiting = all.filter(({ whole, state }) => whole === undefined && state.state === 'waiting')
  const reasons = [...new Set(waiting.flatMap(({ state }) => state.reason ?? []))].filter((one) => !ordinary.has(one))
  const parts = [
    `${all.filter(({ whole }) => whole !== undefined).length} of ${of} parts done`,
    `${running.length} running${nodes.length === 0 ? '' : ` on ${nodes.join(' ')}`}`,
    `${waiting.length} waiting${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`,
  ]
  const [done, failed, error] = [sum('done'), sum('failed'), sum('error')]
  const trouble = `${failed > 0 ? `, ${failed} failed` : ''}${error > 0 ? `, ${error} errors` : ''}`
  return `${done} of ${scopes} done${trouble}, ${scopes - done} to come; ${parts.join(', ')}`
}
