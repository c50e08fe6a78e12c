import { plainText } from '../text/plain-text.ts'

/** HTML that is whole and safe: made by `html` alone. */
export interface Html {
  readonly html: string
}

/** What may stand in a template: a text is escaped, nothing and false leave no trace. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

/**
 * A template for HTML in which every text is made harmless: markup is escaped, control characters are taken out. Put
 * attributes' values in quotes, and nothing into scripts and style sheets.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => ({
  html: strings.reduce((text, part, index) => text + render(values[index - 1]) + part),
})

/** Markup of our own that needs no escaping; never what a machine printed. */
export const trusted = (markup: string): Html => ({ html: markup })

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escapeHtml(value)
  return 'html' in value ? value.html : value.map(render).join('')
}

const escapeHtml = (text: string) => plainText(text).replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
