import { compareImages, type ImageDifference, renderImage } from '../run/image-differences.ts'
import { signs } from '../run/outcomes.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { displayWidth, oneLine, plural } from '../text/plain-text.ts'
import { looks, type Paint } from './paint.ts'

/** The claims whose outcome is not the same on all images of a run; nothing when it was on one. */
export function imageLines(scopes: readonly ScopeSummary[], paint: Paint): string[] {
  const comparison = compareImages(scopes)
  if (comparison === undefined) return []
  const images = comparison.images.map((image) => oneLine(renderImage(image)))
  const { differences, compared } = comparison
  if (differences.length === 0)
    return [`None of ${plural(compared, 'claim')} differs between ${images.join(' and ')}`, '']
  const widths = images.map((image) => Math.max(displayWidth(image), longestOutcome))
  const heads = images.map((image, at) => image.padEnd(widths[at] ?? 0)).join('  ')
  return [
    paint('bold', `Claims that differ between images`),
    paint('dim', `  ${heads}`),
    ...differences.map((one) => `  ${cellsOf(one, widths, paint)}  ${oneLine(one.where)}: ${oneLine(one.name)}`),
    '',
  ]
}

const longestOutcome = '✓ skipped'.length

const cellsOf = ({ outcomes }: ImageDifference, widths: readonly number[], paint: Paint) =>
  outcomes
    .map((one, at) => {
      const text = one === undefined ? '·' : `${signs[one.outcome]} ${one.outcome}`
      return paint(one === undefined ? 'dim' : looks[one.outcome], text) + ' '.repeat((widths[at] ?? 0) - text.length)
    })
    .join('  ')
