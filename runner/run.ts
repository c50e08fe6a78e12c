import { type AdaptiveLimit, makeAdaptiveLimit } from './adaptive-limit.ts'
import { queueOf } from './beginnings/queue.ts'
import { shareBeginnings } from './beginnings/shared-beginnings.ts'
import { messageOf } from './errors.ts'
import { makeProcessorLock, noLock, type ProcessorLock } from './host/processor-lock.ts'
import { longestFirst } from './longest-first.ts'
import { joinedOutcome, mutantOutcome, type Outcome, worstOutcome } from './result.ts'
import { type RunOptions, runScope, type Tried } from './run-scope.ts'
import { type Scope, scopeToRetry } from './scopes.ts'
import { bearsNobody, bearsNoCrowd, bearsNoStart, variantMeasuresTime } from './steps/measurements.ts'

/**
 * Runs scopes, each in machines of its own, at most `jobs` at once, of several the longest first; after all others, and
 * at most `jobsInRealTime` at once, those that measure time or whose protocols bear no start of machines beside them.
 * While one measures, or such protocols run in it, no machines are started beside it. Mutations that bear nobody beside
 * them come last, one by one. After a scope that could not be told fewer run at once, and more again after some that
 * could. Those with inconclusive cases are then tried again, each alone and from its beginning.
 * Returns the worst outcome.
 * When the signal is aborted all machines are ended first, then its reason is thrown. What breaks a scope is that
 * scope's error and is not thrown; what its sink of events throws is, when all scopes that had begun are at their end.
 */
export async function runScopes(scopes: readonly Scope[], options: RunOptions): Promise<Outcome> {
  const tried: (readonly Tried[])[] = []
  const errors: unknown[] = []
  const tell = (message: string) => options.emit({ type: 'progress', message })
  const beginnings = options.shares ? shareBeginnings(scopes, tell) : undefined
  const isEnough = () => tried.filter((all) => outcomeOf(all) === 'failed').length >= (options.maxFailures ?? Infinity)
  let begun = 0
  const atMost = (jobs: number) =>
    makeAdaptiveLimit(jobs, (limit, before) => {
      if (begun === scopes.length) return
      const words = `${limit === 1 ? 'one at a time' : `${limit} at once`} from here on`
      try {
        tell(limit < before ? `not all could be told: ${words}` : words)
      } catch (error) {
        errors.push(error)
      }
    })
  const runAll = async (chosen: readonly Scope[], processors: ProcessorLock, limit: AdaptiveLimit) => {
    const waiting = limit.most > 1 && options.times ? longestFirst(chosen, options.times) : [...chosen]
    const next = beginnings ? queueOf(waiting) : () => waiting.shift()
    const worker = async (_: unknown, number: number) => {
      for (;;) {
        const end = await limit.begin()
        const isOver = options.signal.aborted || errors.length > 0 || isEnough()
        const scope = isOver ? undefined : next(number)
        if (scope === undefined) return end()
        begun++
        const all = await runUntilCaught(scope, processors, { ...options, ...(beginnings && { beginnings }) }).catch(
          (error) => void errors.push(error),
        )
        if (all) tried.push(all)
        end(all && !options.signal.aborted ? !all.some(isInconclusive) : undefined)
      }
    }
    await Promise.all(Array.from({ length: Math.min(limit.most, chosen.length) }, worker))
  }
  try {
    const ofKind = (kind: Kind) => scopes.filter((scope) => kindOf(scope) === kind)
    await runAll(ofKind('any'), noLock, atMost(options.jobs))
    const inRealTime = atMost(options.jobsInRealTime ?? options.jobs)
    for (const kind of ['bears-no-start', 'measures'] as const)
      await runAll(ofKind(kind), makeProcessorLock(options.startsAtOnce), inRealTime)
    await runAll(ofKind('alone'), noLock, atMost(1))
  } finally {
    beginnings?.end()
  }
  const outcomes: Outcome[] = []
  const retries = isEnough() ? 0 : options.retries
  for (const all of tried) outcomes.push(await settle(all, errors, { ...options, retries }))
  options.signal.throwIfAborted()
  if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('\n'))
  if (errors.length > 0) throw errors[0]
  return worstOutcome(outcomes)
}

/** Runs a scope, and a mutant in its further variants until one catches it. Returns what came of each. */
async function runUntilCaught(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<readonly Tried[]> {
  const all: Tried[] = []
  for (const one of [scope, ...(scope.otherwise ?? [])]) {
    if (options.signal.aborted || all.some(({ caught }) => caught)) break
    all.push(await runScope(one, processors, options))
  }
  return all
}

/** Tries again what was inconclusive. Returns the outcome of a scope, or of a mutant in all its variants. */
async function settle(all: readonly Tried[], errors: readonly unknown[], options: RunOptions): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const one of all) {
    const isCaught = all.some(({ caught }) => caught) || outcomes.includes('passed')
    const isMutant = one.scope.trial?.mutant !== undefined
    outcomes.push((isMutant && isCaught ? one : await tryAgain(one, errors, options)).outcome)
  }
  return outcomeOf(all, outcomes)
}

/** The outcome of a scope, or of a mutant in all its variants, of what came of each. */
function outcomeOf(all: readonly Tried[], outcomes = all.map(({ outcome }) => outcome)): Outcome {
  const mutant = all[0]?.scope.trial?.mutant
  return mutant === undefined ? worstOutcome(outcomes) : mutantOutcome(outcomes, mutant.survives !== undefined)
}

/** Tries a scope again while a case of it is inconclusive and tries are left. Returns what came of all tries. */
async function tryAgain(first: Tried, errors: readonly unknown[], options: RunOptions): Promise<Tried> {
  let known = first
  for (let attempt = 2; attempt <= options.retries + 1 && isInconclusive(known); attempt++) {
    if (options.signal.aborted || errors.length > 0) break
    const left = { ...options, retries: options.retries + 1 - attempt }
    known = joinTries(known, await runScope(scopeToRetry(first.scope, attempt), noLock, left))
  }
  return known
}

/** Whether another try may tell more. Of a mutation only what became of it counts. */
const isInconclusive = ({ scope, outcome, verdicts, isInDoubt }: Tried) => {
  const isUnsure = [...verdicts.values()].includes('error')
  return (isUnsure || isInDoubt === true) && (scope.trial === undefined || outcome === 'error')
}

function joinTries(known: Tried, next: Tried): Tried {
  if (known.scope.trial)
    return joinedOutcome('error', next.outcome) === 'error' ? known : { ...next, scope: known.scope }
  const verdicts = new Map(known.verdicts)
  for (const [name, outcome] of next.verdicts) {
    const before = known.verdicts.get(name)
    if (before !== undefined || outcome === 'failed') verdicts.set(name, joinedOutcome(before ?? 'skipped', outcome))
  }
  // What a pause may have broken is as the other try left it.
  const { isInDoubt = false, ...base } = known.isInDoubt ? next : known
  const isBroken = base.outcome === 'error' && base.message !== undefined
  const outcome = worstOutcome([...(isBroken ? (['error'] as const) : []), ...verdicts.values()])
  return {
    ...base,
    scope: known.scope,
    verdicts,
    outcome,
    ...((isInDoubt || (known.isInDoubt && isBroken)) && { isInDoubt: true }),
  }
}

/** What may run beside a scope; scopes of one kind run side by side, but for those that run alone. */
type Kind = 'any' | 'bears-no-start' | 'measures' | 'alone'

/**
 * What works hard beside a measured outage would lengthen it. Machines that wait for timers do not. A scope that only
 * measures would wait with each start for whole scopes whose protocols bear none, so these are a kind of their own.
 * In a mutation a claim is to fail, which proves nothing after a pause that its protocols do not bear: so it is tried
 * where there are few of those, and where there would be some whatever runs beside it, where nothing does.
 */
function kindOf({ variant, trial, otherwise = [] }: Scope): Kind {
  const variants = [variant, ...otherwise.map((other) => other.variant)]
  const isMutation = trial !== undefined && trial.mutant === undefined
  if (isMutation && bearsNobody(variant)) return 'alone'
  if (variants.some(bearsNoStart)) return 'bears-no-start'
  return variants.some(variantMeasuresTime) || (isMutation && bearsNoCrowd(variant)) ? 'measures' : 'any'
}
