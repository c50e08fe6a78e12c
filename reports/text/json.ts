/**
 * A value as JSON, of several lines where `indent` says so. Printed as it is it does nothing to a terminal or to the log
 * of a CI job: what would is escaped, which changes no value.
 */
export const renderJson = (value: unknown, indent = 0): string => escapeJson(JSON.stringify(value, null, indent))

/** The same of a value that is JSON already. */
export const escapeJson = (json: string): string =>
  json.replaceAll(/[\x7f-\x9f\u2028\u2029\p{Bidi_Control}]|#(?=#(?:vso|teamcity)?\[)/giu, escapeCharacter)

const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
