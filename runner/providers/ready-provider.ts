import { usageError } from '../errors.ts'
import { type MemoryShare, makeMemoryGate } from '../host/memory-gate.ts'
import type { Plan } from '../plan.ts'
import type { AcceleratorWish } from './accelerator.ts'
import { demandNeeds } from './needs.ts'
import type { MachineOptions, MadeWith, Provider, ScopeOptions, Testbed } from './provider.ts'

/** A provider of which all is decided that the machines of a run have in common. */
export interface ReadyProvider {
  readonly name: string
  readonly madeWith: MadeWith
  /**
   * Waits until the host has the memory for a plan's machines; to be asked before they are brought up.
   * @throws WirelabError of kind machinery when it will not have it; the signal's reason
   */
  admit(plan: Plan, signal: AbortSignal): Promise<MemoryShare>
  /** As `Provider.bringUp`. */
  bringUp(plan: Plan, options: ScopeOptions): Promise<Testbed>
}

export interface ProviderWishes extends Omit<MachineOptions, 'accelerator'> {
  readonly accelerator: AcceleratorWish
  readonly signal: AbortSignal
}

/**
 * Sees that a provider can do what is wished for and has what it needs, and decides how its machines are run.
 * @throws WirelabError of kind usage for what it cannot do, of kind machinery for what is missing
 */
export async function readyProvider(provider: Provider, wishes: ProviderWishes): Promise<ReadyProvider> {
  const { signal, ...options } = wishes
  const { keep } = provider.can
  if (wishes.keep && keep !== 'yes') throw usageError(keep.no, keep.remedy)
  await demandNeeds(provider.needs, wishes)
  const madeWith = await provider.describe(wishes)
  const gate = makeMemoryGate()
  return {
    name: provider.name,
    madeWith,
    admit: (plan, signalOfScope) => gate(`the machines of ${plan.lab}`, provider.memoryMiB?.(plan) ?? 0, signalOfScope),
    bringUp: (plan, scope) => provider.bringUp(plan, { ...options, ...madeWith, ...scope }),
  }
}
