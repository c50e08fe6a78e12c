import type { Outcome } from '../../runner/result.ts'
import type { ResultsFacts } from '../reporter.ts'
import { signs } from '../run/outcomes.ts'
import type { JudgedCase, ScopeSummary } from '../run/summary.ts'
import { boundedText } from '../text/plain-text.ts'
import type { Drawing } from '../topology/topology.ts'
import type { PageIds } from './case-ids.ts'
import { type Html, type HtmlValue, html, trusted } from './markup.ts'

/** How much is shown, in characters of one text. */
export interface Detail {
  /** What was printed for a case that passed. */
  readonly passed: number
  /** What was printed for another. */
  readonly trouble: number
  /** What a step's commands printed, and frames of a capture. */
  readonly output: number
}

/** What all parts of the page are made with. */
export interface PageContext {
  readonly ids: PageIds
  readonly facts: ResultsFacts
  readonly detail: Detail
  readonly draw: (drawing: Drawing) => Html
  /** Where a scope is told of, or one of its cases, as seen from this page. */
  readonly linkTo: (scope: ScopeSummary, one?: JudgedCase) => string
  /** Paths of the logs in a folder of the results folder. */
  readonly logsIn: (folder: string) => readonly string[]
  /** Where a file of the results folder is, as seen from this page. */
  readonly fileLink: (path: string) => string
  /** Paths of files that could not be written to their end. */
  readonly lost: ReadonlySet<string>
}

/** The sign of an outcome with its word for those who can't see it. */
export const sign = (outcome: Outcome): Html =>
  html`<span class="sign ${outcome}"><span aria-hidden="true">${signs[outcome]}</span><span class="unseen">${outcome}</span></span>`

/**
 * Bounded text as a machine printed it; nothing when it is blank. `name` is what a screen reader says of it. Lines that
 * are `typed` each stand for themselves, so that what wraps is not taken for the next command.
 */
export function renderPrinted(text: string, maxChars: number, name: string, look = 'output'): Html {
  const shown = boundedText(text, maxChars).replace(/\n+$/, '')
  if (shown.trim() === '') return trusted('')
  const content = look === 'typed' ? shown.split(/(?<=\n)/).map((line) => html`<span>${line}</span>`) : shown
  return html`<pre class="${look}" tabindex="0" role="group" aria-label="${name}">${content}</pre>`
}

/** What was done at a node, or came of it, in a box that says where. */
export const renderBox = (where: string, content: HtmlValue): Html =>
  html`<div class="terminal"><p class="where">${where}</p>
${content}</div>`

/** Where a file of the results folder is, as seen from one in `folder`, which leads to the results folder. */
export const linkFrom =
  (folder: './' | '../') =>
  (path: string): string =>
    `${folder}${path.split('/').map(encodeURIComponent).join('/')}`

/** The end of a path, that which tells labs apart. */
export const shortPath = (path: string): string => path.split('/').slice(-2).join('/')
