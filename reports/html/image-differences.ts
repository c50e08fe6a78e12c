import { compareImages, renderImage } from '../run/image-differences.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { oneLine, plural } from '../text/plain-text.ts'
import { type Html, html } from './markup.ts'
import { type PageContext, sign } from './page.ts'

/** The claims whose outcome is not the same on all images of a run; nothing when it was on one. */
export function renderImageDifferences(scopes: readonly ScopeSummary[], page: PageContext): Html | undefined {
  const comparison = compareImages(scopes)
  if (comparison === undefined) return undefined
  const { differences, compared } = comparison
  const images = comparison.images.map((image) => oneLine(renderImage(image)))
  return html`<section><h2>Claims that differ between images</h2>
${differences.length === 0 && html`<p>None of ${plural(compared, 'claim')} differs between ${images.join(' and ')}.</p>`}
${
  differences.length > 0 &&
  html`<div class="wide" tabindex="0" role="group" aria-label="images"><table class="labs">
<thead><tr><th scope="col">Claim</th>${images.map((image) => html`<th scope="col">${image}</th>`)}</tr></thead>
<tbody>${differences.map(
    ({ where, name, outcomes }) =>
      html`<tr><th scope="row"><span class="aside">${oneLine(where)}</span><br>${oneLine(name)}</th>${outcomes.map(
        (one) =>
          html`<td>${one === undefined ? '' : html`${sign(one.outcome)} <a href="${page.linkTo(one.scope, one.example)}">${one.outcome}</a>`}</td>`,
      )}</tr>
`,
  )}</tbody></table></div>`
}</section>
`
}
