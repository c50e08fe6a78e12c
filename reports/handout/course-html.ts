import { renderDocument } from '../html/document.ts'
import { html } from '../html/markup.ts'
import { linkFrom } from '../html/page.ts'
import { oneLine, plural } from '../text/plain-text.ts'

/** A course as its index page shows it. */
export interface CourseIndex {
  readonly title: string
  readonly text: string | undefined
  readonly chapters: readonly {
    readonly title: string
    readonly text: string | undefined
    /** `command` runs the lab, `file` is its handout beside the page; `breaking` poses one of its puzzles, if it has some. */
    readonly labs: readonly {
      readonly title: string
      readonly summary: string
      readonly command: string
      readonly breaking?: { readonly puzzles: number; readonly command: string } | undefined
      readonly file: string
    }[]
  }[]
}

/** The index page of a course, from which each handout is a click away; labs are numbered throughout. */
export function renderCourseHtml({ title, text, chapters }: CourseIndex): string {
  let number = 0
  return renderDocument({
    title: oneLine(title),
    styles: ['../handout/handout.css'],
    bodyClass: 'handout',
    body: html`<main>
<p class="kicker">wirelab · a course</p>
<h1>${oneLine(title)}</h1>
${text !== undefined && html`<p class="summary">${text}</p>`}
${chapters.map((chapter) => {
  const start = number + 1
  number += chapter.labs.length
  return html`<section><h2>${oneLine(chapter.title)}</h2>
${chapter.text !== undefined && html`<p>${chapter.text}</p>`}
<ol class="steps" start="${start}">${chapter.labs.map((lab) => html`<li class="step"><h3><a href="${linkFrom('./')(lab.file)}">${oneLine(lab.title)}</a></h3><p class="summary">${lab.summary}</p><p><code>${lab.command}</code></p>${lab.breaking && html`<p>${plural(lab.breaking.puzzles, 'puzzle')}: <code>${lab.breaking.command}</code></p>`}</li>`)}</ol></section>
`
})}</main>`,
  })
}
