const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** The longest time that a lab may ask for. */
const longestMs = 3_600_000

/** What a duration looks like, for messages. */
export const durationForm = 'a duration such as 500ms, 10s or 2m, at most 60m'

/** Milliseconds of `500ms`, `10s`, `1.5s` or `2m`; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text)
  const unitMs = unitsMs[match?.[2] ?? '']
  if (match === null || unitMs === undefined) return undefined
  const durationMs = Math.round(Number(match[1]) * unitMs)
  return durationMs <= longestMs ? durationMs : undefined
}
