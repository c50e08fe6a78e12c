import { messageOf } from './errors.ts'
import type { ScopeFinished } from './events.ts'
import type { Plan } from './plan.ts'
import type { ScopeOptions, Testbed } from './providers/provider.ts'
import type { RunOptions } from './run-scope.ts'
import type { Scope } from './scopes.ts'
import type { GoOn } from './steps/steps.ts'

/** Machines of a scope that are up. */
export interface BroughtUp {
  readonly testbed: Testbed
  readonly goOn?: GoOn
  readonly begun?: ScopeFinished['beginning']
}

/** Brings up the machines of a scope, as the first steps of another left them where those are the same. */
export async function bringUp(
  scope: Scope,
  plan: Plan,
  scopeOptions: ScopeOptions,
  { provider, beginnings }: RunOptions,
): Promise<BroughtUp> {
  const loan = beginnings?.lend(scope)
  const { beginning } = loan ?? {}
  let { why } = loan ?? {}
  let trouble: string | undefined
  try {
    if (beginning) {
      const { snapshot, done, scope: doneIn } = beginning
      const testbed = await provider.bringUp(plan, { ...scopeOptions, snapshot }).catch((error: unknown) => {
        scopeOptions.signal.throwIfAborted()
        trouble = messageOf(error)
        why = trouble
      })
      const goOn: GoOn = { from: done, claimsOnly: false, saved: beginning }
      if (testbed) return { testbed, goOn, begun: { done, scope: doneIn, ...(why === undefined ? {} : { why }) } }
    }
    const testbed = await provider.bringUp(plan, scopeOptions)
    return { testbed, ...(why === undefined ? {} : { begun: { done: 0, why } }) }
  } finally {
    loan?.giveBack(trouble)
  }
}
