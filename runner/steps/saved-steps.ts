import { stateError } from '../errors.ts'
import type { Snapshot } from '../providers/snapshot.ts'
import type { Outcome } from '../result.ts'
import type { Capture } from './captures/captures.ts'
import type { SavedImpairments } from './events/impairments.ts'
import type { StepContext } from './step-context.ts'

/** What the steps of a scope know beside its machines, at one moment; can be written as JSON. */
export interface SavedSteps {
  readonly kept: readonly (readonly [name: string, text: string])[]
  readonly verdicts: readonly (readonly [caseName: string, outcome: Outcome])[]
  readonly unasked: readonly string[]
  readonly impairments: SavedImpairments
}

/** Machines as the steps of a scope left them, which other machines of this process can go on as. */
export interface SavedScope {
  readonly snapshot: Snapshot
  readonly steps: SavedSteps
  /** Those that have ended: claims may still be of their frames. */
  readonly captures: ReadonlyMap<string, Capture>
  readonly bytes: number
}

/**
 * Saves the machines of a scope in a new folder, and what its steps know.
 * @throws WirelabError with the code wrong-state when something goes on that can't be brought back
 */
export async function saveScope(context: StepContext, folder: string): Promise<SavedScope> {
  const [first] = whatGoesOn(context)
  if (first !== undefined) throw stateError(`cannot save the machines: ${first}`)
  const [steps, captures] = [knowledgeOf(context), context.captures.ended()]
  const snapshot = await context.testbed.takeSnapshot(folder)
  const bytes = Object.values(snapshot.machines).reduce((sum, machine) => sum + machine.bytes, 0)
  return { snapshot, steps, captures, bytes }
}

/** What goes on in a scope and can't be brought back with its machines, in words. */
export const whatGoesOn = ({ background, captures }: StepContext): string[] => [
  ...background.running().map((id) => `process ${id} runs, whose output would come to nobody`),
  ...captures.running().map((name) => `capture ${name} runs`),
]

/** What the steps of a scope know, whatever goes on. */
export const knowledgeOf = ({ kept, verdicts, unasked, impairments }: StepContext): SavedSteps => ({
  ...{ kept: [...kept], verdicts: [...verdicts], unasked: [...unasked], impairments: impairments.saved() },
})

/** Lets the steps of a scope know what those knew that its machines go on as. */
export function restoreScope(context: StepContext, { steps, captures }: SavedScope): void {
  restoreSteps(context, steps)
  context.captures.takeOver(captures)
}

/** Lets the steps of a scope know what they knew when that was saved. */
export function restoreSteps(context: StepContext, saved: SavedSteps): void {
  const { kept, verdicts, unasked, impairments, roundTrips } = context
  kept.clear()
  for (const [name, text] of saved.kept) kept.set(name, text)
  verdicts.clear()
  for (const [name, outcome] of saved.verdicts) verdicts.set(name, outcome)
  unasked.clear()
  for (const name of saved.unasked) unasked.add(name)
  impairments.restore(saved.impairments)
  roundTrips.forget()
}
