import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { topologyStyle } from '../topology/svg.ts'
import { type Html, html, trusted } from './markup.ts'

/** A page to come. */
export interface HtmlDocument {
  readonly title: string
  readonly body: Html
  /** Style sheets of this folder beside report.css. */
  readonly styles?: readonly string[]
  readonly bodyClass?: string
  /** The only script that may run in it. */
  readonly script?: string
}

/**
 * A whole page that needs nothing else: its styles are in it, and whatever stands in it, no browser fetches anything.
 */
export function renderDocument({ title, body, styles = [], bodyClass, script }: HtmlDocument): string {
  const style = ['report.css', ...styles].map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('')
  const mayRun = script === undefined ? '' : `script-src '${hashOf(script)}'; `
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; ${mayRun}base-uri 'none'; form-action 'none'`
  return html`${trusted('<!DOCTYPE html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(`${topologyStyle}${style}`)}</style>
</head>
<body${bodyClass !== undefined && html` class="${bodyClass}"`}>
${body}
${
  script !== undefined &&
  html`<script>${trusted(script)}</script>
`
}</body>
</html>
`.html
}

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
