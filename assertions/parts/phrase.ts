/** The value behind a word, as " via 10.0.1.1"; empty when there is no value. */
export const phrase = (start: string, value: string | number | undefined): string =>
  value === undefined ? '' : `${start}${value}`
