import { join, resolve } from 'node:path'
import { inconclusiveScopes } from '../../reports/run/inconclusive-scopes.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { summarise } from '../../reports/run/summary.ts'
import { createTerminalReporter } from '../../reports/terminal/terminal.ts'
import { plainMessage, plural } from '../../reports/text/plain-text.ts'
import { attempt, usageError, withRemedy } from '../errors.ts'
import { type EventSink, type RunEvent, type RunFinished, stampTimes } from '../events.ts'
import { readResult, writeResult } from '../host/results-files.ts'
import { exitCodeOf, worstOutcome } from '../result.ts'
import { runScopes } from '../run.ts'
import { type Scope, scopeToRetry } from '../scopes.ts'
import { chooseScopes } from './choose-scopes.ts'
import type { CommandContext } from './command.ts'
import { differencesNow, labsToRecord, renderDifferences } from './like-run.ts'
import { prepareMachines } from './prepare-machines.ts'
import { provideImages } from './provide-images.ts'
import { readRequest } from './read-request.ts'
import { outlineRun } from './read-run-events.ts'

/** Does a scope. Returns its events. @throws the signal's reason */
type DoScope = (scope: Scope) => Promise<readonly RunEvent[]>

/**
 * Tries the scopes of a merged run again of which a case is inconclusive, each `retries` times at most, one after the
 * other in machines of this host, and adds what they gave to its results folder. `isWhole` says that nothing is missing
 * in it. Returns the new end if something was added: then the reports are to be drawn again. What keeps scopes from being
 * tried is told, and leaves the run as it was merged.
 */
export async function retryMerged(
  folder: string,
  isWhole: boolean,
  retries: number,
  context: CommandContext,
): Promise<RunFinished | undefined> {
  const events = Array.from(outlineRun(folder))
  const finished = events.at(-1)
  const open = inconclusiveScopes(summarise(events)).map(({ scope }) => scope)
  if (open.length === 0 || finished?.type !== 'run-finished') return undefined
  const tries: RunEvent[] = []
  try {
    const { scopes, doScope } = await prepareTries(folder, open, finished.at, context)
    await tryAgain(events, { scopes, retries, doScope, add: (more) => tries.push(...more) })
  } catch (error) {
    context.stderr.write(plainMessage(`cannot try again what was inconclusive: ${withRemedy(error)}\n`))
  }
  const at = tries.at(-1)?.at
  if (at === undefined) return undefined
  const { scopes, lost } = summarise([...events.slice(0, -1), ...tries, finished])
  const rest = isWhole && lost.length === 0 ? [] : (['error'] as const)
  const outcome = worstOutcome([...scopes.map((scope) => scope.outcome), ...rest])
  const end = { ...finished, at, durationMs: at, outcome, exitCode: exitCodeOf(outcome) }
  attempt(`add other tries to ${folder}`, () => {
    const text = readResult(folder, 'events.jsonl').trimEnd()
    const merged = text.slice(0, text.lastIndexOf('\n') + 1)
    writeResult(folder, 'events.jsonl', `${merged}${[...tries, end].map(renderEvent).join('')}`)
  })
  return end
}

interface Tries {
  /** Those of the run, without which nothing can be tried. */
  readonly scopes: readonly Scope[]
  readonly retries: number
  readonly doScope: DoScope
  /** Receives the events of each try. */
  add(events: readonly RunEvent[]): void
}

/** Tries scopes of a run again until nothing is inconclusive, or each has had its tries. @throws as `doScope` */
export async function tryAgain(events: readonly RunEvent[], { scopes, retries, doScope, add }: Tries): Promise<void> {
  const known = [...events]
  const left = new Map(scopes.map(({ name }) => [name, retries]))
  for (;;) {
    const open = new Set(inconclusiveScopes(summarise(known)).map(({ scope }) => scope))
    const first = scopes.find(({ name }) => open.has(name) && (left.get(name) ?? 0) > 0)
    if (first === undefined) return
    left.set(first.name, (left.get(first.name) ?? 0) - 1)
    const more = await doScope(nextTry(first, known))
    known.push(...more)
    add(more)
  }
}

/** A scope's next try, of which the run may have had several. A mutant's other variants are tried by themselves. */
function nextTry({ otherwise: _, ...first }: Scope, events: readonly RunEvent[]): Scope {
  const names = new Set(events.flatMap((event) => (event.type === 'scope-started' ? event.scope : [])))
  for (let count = 2; ; count++) {
    const next = scopeToRetry(first, count)
    if (!names.has(next.name)) return next
  }
}

/** The scopes that are named, of the labs that a merged run names, and what does them as that was done. */
async function prepareTries(folder: string, names: readonly string[], afterMs: number, context: CommandContext) {
  const { stdout, stderr, colour, interactive, signal } = context
  const request = readRequest('run', ['--like', join(folder, 'manifest.json')])
  if (request?.like === undefined) throw usageError(`there is no manifest in ${folder}`)
  const { like, roomBytes, observe } = request
  const chosen = chooseScopes(request, context.errorColour).scopes
  const scopes = chosen.flatMap((one) => [one, ...(one.otherwise ?? [])]).filter(({ name }) => names.includes(name))
  const hashes = new Set(like.labs.map(({ sha256 }) => sha256))
  const changed = labsToRecord(scopes).find(({ sha256 }) => !hashes.has(sha256))
  if (changed !== undefined) throw usageError(`the files of lab ${changed.lab} have changed`)
  stdout.write(`Inconclusive: ${plural(names.length, 'scope')}, tried again here, each alone\n`)
  const images = await provideImages(scopes, { ...context, stream: stdout })
  const show = createTerminalReporter(stdout, { colour, interactive, columns: stdout.columns ?? 100, results: folder })
  // The run goes on when it was over, whenever it is merged.
  const startedMs = performance.now() - afterMs
  const tell = stampTimes(show, startedMs)
  const onProgress = (message: string) => tell({ type: 'progress', message })
  const { provider, ...made } = await prepareMachines(request, images, signal, onProgress)
  stderr.write(renderDifferences(differencesNow(like, chosen, made)))
  const limits = { jobs: 1, retries: 0, keep: false, observe, ...(roomBytes === undefined ? {} : { roomBytes }) }
  const doScope: DoScope = async (scope) => {
    const events: RunEvent[] = []
    const note: EventSink = (event) => {
      events.push(event)
      show(event)
    }
    const emit = stampTimes(note, startedMs)
    await runScopes([scope], { provider, imagesOf: images.imagesOf, results: resolve(folder), ...limits, signal, emit })
    return events
  }
  return { scopes, doScope }
}
