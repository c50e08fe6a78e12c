/** How many pairs of characters are compared for one word. */
const maxPairs = 2_000_000

/**
 * The word of `candidates` that `word` is most likely a misspelling of; undefined when none is near among the first.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  let nearest: string | undefined
  let nearestDistance = Number.POSITIVE_INFINITY
  let pairs = 0
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) <= limit) pairs += candidate.length * wanted.length
    if (pairs > maxPairs) break
    const distance = distanceBetween(wanted, candidate.toLowerCase(), limit)
    if (distance > limit || distance >= nearestDistance) continue
    nearest = candidate
    nearestDistance = distance
  }
  return nearest
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each. */
function distanceBetween(left: string, right: string, limit: number): number {
  if (left === right) return 0
  if (left.length > 2 && right.startsWith(left)) return 1
  if (Math.abs(left.length - right.length) > limit) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
