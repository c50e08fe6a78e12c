/**
 * What the mutants of one lab may still come to, over all its variants. A lab for which any of it is used up has too
 * many: whoever makes them stops then.
 */
export interface MutantAllowance {
  /** Characters of scripts and files that are looked into. */
  characters: number
  /** The squares of the lengths of all parts: words are searched for in a time that grows with that. */
  searched: number
  /** Changes, one for each variant in which it could be made. */
  changes: number
  /** Steps that are compared, or kept, for the changes. */
  steps: number
  /** Parts of the file that are read anew, with another value. */
  read: number
}

/** What a lab begins with: more than ten times what the largest of ours needs. Making that many takes a few seconds. */
export const newMutantAllowance = (): MutantAllowance => ({
  characters: 1_000_000,
  searched: 200_000_000,
  changes: 5000,
  steps: 1_000_000,
  read: 250_000,
})

/** Whether more was asked for than there is. */
export const isSpent = (allowance: MutantAllowance): boolean => Object.values(allowance).some((left) => left < 0)

/** In longer texts nothing is changed: such a file is data, more than settings. */
export const maxTextLength = 16_384

/** In longer commands and lines no words are changed. */
export const maxPartLength = 4096
