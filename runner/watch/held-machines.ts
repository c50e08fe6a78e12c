import type { Variant } from '../lab/lab.ts'
import type { ScopeOptions, Testbed } from '../providers/provider.ts'
import type { GoOn, StepsResult } from '../steps/steps.ts'

/** What a run hears of its machines. */
export type HeardOfMachines = Required<Pick<ScopeOptions, 'onReady' | 'onDeath' | 'onLost'>>

/** What was done in machines that stay up. */
export interface DoneSteps {
  readonly variant: Variant
  /** How many of its steps are done. */
  readonly done: number
  /** A claim of the last of them failed. */
  readonly halted: boolean
}

/** The machines of one variant, which stay up between its runs while somebody writes the lab. */
export interface HeldMachines {
  /** What was done in them; undefined when there are none. */
  readonly before: DoneSteps | undefined
  /** The machines of it that have ended since, though nobody asked them to. */
  dead(): readonly string[]
  /** Lets the next run go on in these machines. */
  goOnAt(goOn: GoOn): void
  /** For a run: passes on to it what is heard of machines, now and as long as it is the last that asked. */
  hear(heard: HeardOfMachines): HeardOfMachines
  /** For a run: returns the machines in which it goes on, and where, if it does. */
  take(heard: HeardOfMachines): { readonly testbed: Testbed; readonly goOn: GoOn } | undefined
  /** For a run: leaves its machines up, if all that was done in them is known. */
  keep(testbed: Testbed, variant: Variant, result: StepsResult): void
  holds(testbed: Testbed | undefined): boolean
  /** For a run: hears nothing more. */
  rest(): void
  /** Ends the machines, if there are any. @throws what `Testbed.tearDown` does */
  end(): Promise<void>
}

/** A place for machines that stay up; there are none yet. */
export function holdMachines(): HeldMachines {
  let held: (DoneSteps & { readonly testbed: Testbed }) | undefined
  let goOn: GoOn | undefined
  let listener: HeardOfMachines | undefined
  return {
    get before() {
      return held
    },
    dead: () =>
      (held?.variant.nodes ?? []).flatMap(({ name, namespaceOf }) => {
        if (namespaceOf !== undefined) return []
        return typeof held?.testbed.absence(name) === 'object' ? [name] : []
      }),
    goOnAt(where) {
      goOn = where
    },
    hear(heard) {
      listener = heard
      return {
        onReady: (...told) => listener?.onReady(...told),
        onDeath: (...told) => listener?.onDeath(...told),
        onLost: (...told) => listener?.onLost(...told),
      }
    },
    take(heard) {
      if (goOn === undefined || held === undefined) return undefined
      listener = heard
      const taken = { testbed: held.testbed, goOn }
      held = undefined
      goOn = undefined
      return taken
    },
    keep(testbed, variant, { done, halted = false }) {
      if (done !== undefined) held = { testbed, variant, done, halted }
    },
    holds: (testbed) => held !== undefined && held.testbed === testbed,
    rest() {
      listener = undefined
    },
    async end() {
      const testbed = held?.testbed
      held = undefined
      goOn = undefined
      await testbed?.tearDown()
    },
  }
}
