import { machineryError, messageOf, WirelabError } from '../errors.ts'
import type { Image } from '../image/image.ts'
import type { AcceleratorWish } from './accelerator.ts'

/** Something that it takes to have the machines of a provider. */
export interface Need {
  /** It can be judged only with an image. */
  readonly ofImage: boolean
  /** @throws the signal's reason */
  check(context: NeedContext): Promise<Finding>
}

export interface NeedContext {
  /** Undefined where none is built. */
  readonly image: Image | undefined
  readonly accelerator: AcceleratorWish
  readonly signal: AbortSignal
  /** Read whole what is looked at only quickly before each run. */
  readonly thorough?: boolean
}

/** What a check found: in words, and for what is missing the error that a run without it would end with. */
export type Finding =
  | { readonly state: 'there'; readonly text: string }
  /** Labs can run, and something would be better. */
  | { readonly state: 'improvable'; readonly text: string }
  | { readonly state: 'missing'; readonly text: string; readonly error: WirelabError }

/** A finding that something is missing: `cannot` begins the error's sentence, `problem` is the rest of it. */
export const missing = (cannot: string, problem: string, remedy: string, cause?: unknown): Finding => ({
  state: 'missing',
  text: problem,
  error: machineryError(`${cannot}: ${problem}`, remedy, cause),
})

/** A need whose check may throw: its error is what is missing then. */
export const need = (ofImage: boolean, check: (context: NeedContext) => Promise<Finding>): Need => ({
  ofImage,
  async check(context) {
    try {
      return await check(context)
    } catch (thrown) {
      context.signal.throwIfAborted()
      const error = thrown instanceof WirelabError ? thrown : machineryError(messageOf(thrown), undefined, thrown)
      return { state: 'missing', text: error.message, error }
    }
  },
})

/** @throws WirelabError of kind machinery for the first need that is missing */
export async function demandNeeds(needs: readonly Need[], context: NeedContext): Promise<void> {
  for (const { check } of needs) {
    const finding = await check(context)
    if (finding.state === 'missing') throw finding.error
  }
}
