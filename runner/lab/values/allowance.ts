/** What one lab may still come to, over all its variants and mutations. */
export interface Allowance {
  /** Characters of text that values were filled into. */
  characters: number
  /** Expectations that are read. A pattern in one takes half a millisecond to compile. */
  expectations: number
  /** Bytes of files; each counts once. */
  fileBytes: number
  /** The files read so far, by absolute path: a lab may copy one many times. */
  readonly files: Map<string, Buffer>
  /** Their paths as the lab names them, and those of the folders that it copies. */
  readonly copied: Set<string>
}

/** What a lab begins with: many times what a large one needs. */
export const newAllowance = (): Allowance => ({
  characters: 16 * 1024 * 1024,
  expectations: 6000,
  fileBytes: 64 * 1024 * 1024,
  files: new Map(),
  copied: new Set(),
})
