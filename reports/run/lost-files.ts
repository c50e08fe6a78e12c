import type { RecordLost } from '../../runner/events.ts'
import { oneLine } from '../text/plain-text.ts'

const maxListed = 20

/** A line for each file of a record that could not be written to its end, and one for the rest of very many. */
export function renderLost(lost: readonly RecordLost[]): string[] {
  const more = lost.length - maxListed
  return [
    ...lost
      .slice(0, maxListed)
      .map(({ path, cause }) => oneLine(`${path} could not be written to its end: ${cause}`, 500)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}
