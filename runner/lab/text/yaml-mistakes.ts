import type { YAMLException } from 'js-yaml'

/** Offsets into the text; the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A mistake in the YAML itself. */
export interface YamlMistake {
  readonly span: Span
  readonly message: string
  readonly hint?: string
}

/** What the parser found wrong, with a hint where the cause is a common one. */
export function syntaxMistake(text: string, error: YAMLException): YamlMistake {
  const start = Math.min(error.mark?.position ?? 0, text.length)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const line = text.slice(lineStart).split('\n', 1)[0] ?? ''
  const mistake = { span: { start, end: start + 1 }, message: `cannot read YAML: ${error.reason}` }
  if (/^\s*\t/.test(line)) return { ...mistake, hint: 'indent with spaces: YAML allows no tabs there' }
  if (/[:-]\s+\{\{/.test(line)) return { ...mistake, hint: 'a text that begins with {{ must stand in "quotes"' }
  return mistake
}
