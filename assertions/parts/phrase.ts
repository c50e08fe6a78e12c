/** The value behind a word, as " via 10.0.1.1"; empty when there is no value. */
export const phrase = (start: string, value: string | number | undefined): string =>
  value === undefined ? '' : `${start}${value}`

/** What a question asks besides whether it is so, as ", and if so, in which state"; empty when it asks nothing more. */
export function ifSo(...asked: readonly (string | false)[]): string {
  const details = asked.filter((detail) => detail !== false)
  return details.length === 0 ? '' : `, and if so, ${details.join(' and ')}`
}
