/** A whole number from 0 up to a limit, which it never is; 0 for a limit of 0. */
export type Random = (limit: number) => number

/** Numbers that are the same for the same seed (xorshift32). */
export function randomNumbers(seed: number): Random {
  // Neighbouring seeds begin far apart.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return limit === 0 ? 0 : state % limit
  }
}

/** The seed of a test: FUZZ_SEED, or one of the clock. */
export const fuzzSeed = (): number => Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000)
