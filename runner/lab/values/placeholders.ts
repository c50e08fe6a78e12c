// All have the flag g: use them with matchAll, replaceAll and search only.

/** `{{name}}`, with the name in group 1. */
export const placeholders = /\{\{([a-z0-9][a-z0-9_-]*)\}\}/g

/**
 * The same, and `{{!`, without a name, which stands for `{{`. Before a kept value it stays: that is filled in when the
 * lab runs.
 */
export const placeholdersAndEscapes = /\{\{(?:!(?!!*kept\.[a-z0-9][a-z0-9_-]*\}\})|([a-z0-9][a-z0-9_-]*)\}\})/g

/** `{{kept.name}}`, with the name in group 2; with `!` in group 1 it stands for itself. */
export const keptPlaceholders = /\{\{(!*)kept\.([a-z0-9][a-z0-9_-]*)\}\}/g

/** The names of kept values that a text holds. Most hold none, and an expression looks for them ten times as long. */
export const keptIn = (text: string): readonly string[] =>
  text.includes('{{')
    ? Array.from(text.matchAll(keptPlaceholders)).flatMap(([, marks, name = '']) => (marks === '' ? [name] : []))
    : []

/** A text as a lab has to say it for its braces to stay what they are. */
export const withBraces = (text: string): string =>
  text.search(placeholdersAndEscapes) < 0 && text.search(keptPlaceholders) < 0 ? text : text.replaceAll('{{', '{{!')
