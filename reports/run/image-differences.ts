import type { Outcome } from '../../runner/result.ts'
import { worstOutcome } from '../../runner/result.ts'
import { plural } from '../text/plain-text.ts'
import type { JudgedCase, ScopeSummary } from './summary.ts'

/** What became of the same labs on several images. */
export interface ImageComparison {
  /** In the order of the run. */
  readonly images: readonly { readonly name: string; readonly kernel?: string }[]
  /** How many claims were judged on more than one of them. */
  readonly compared: number
  /** Those whose outcomes differ. */
  readonly differences: readonly ImageDifference[]
}

/** A claim whose outcome is not the same on all images. */
export interface ImageDifference {
  /** `lab/variant`, with a mutation. */
  readonly where: string
  readonly name: string
  /** For each image, in their order; undefined where there is no such claim. */
  readonly outcomes: readonly (OnImage | undefined)[]
}

interface OnImage {
  /** The worst of all repetitions. */
  readonly outcome: Outcome
  /** A case that has it, and its scope. */
  readonly example: JudgedCase
  readonly scope: ScopeSummary
}

interface PlacedCase {
  readonly one: JudgedCase
  readonly scope: ScopeSummary
}

/** Compares the scopes of a run by image; undefined when it was not on several. */
export function compareImages(scopes: readonly ScopeSummary[]): ImageComparison | undefined {
  const placed = scopes.flatMap((scope) => {
    const { image, variant = '' } = scope.started ?? {}
    return image !== undefined && variant.endsWith(`@${image}`) ? [{ scope, image }] : []
  })
  const names = [...new Set(placed.map(({ image }) => image))]
  if (names.length < 2) return undefined
  const groups = Map.groupBy(placed, ({ scope, image }) => placeOf(scope, image))
  const rows = [...groups].flatMap(([where, group]) =>
    rowsOf(
      names.map((name) =>
        group.flatMap(({ scope, image }) => (image === name ? scope.cases.map((one) => ({ one, scope })) : [])),
      ),
    ).map((row): ImageDifference => ({ where, ...row })),
  )
  return {
    images: names.map((name) => {
      const kernels = placed.flatMap(({ scope, image }) => (image === name ? (scope.started?.images ?? []) : []))
      const kernel = kernels.find(({ image }) => image.startsWith(name))?.kernel
      return kernel === undefined ? { name } : { name, kernel }
    }),
    compared: rows.filter(({ outcomes }) => outcomes.filter(wasTried).length > 1).length,
    differences: rows.filter(({ outcomes }) => new Set(outcomes.map((one) => one?.outcome)).size > 1),
  }
}

const wasTried = (one: OnImage | undefined) => one !== undefined && one.outcome !== 'skipped'

/** What is the same on all images: the lab, the variant without its image, and the mutation. */
function placeOf({ lab, variant, started }: ScopeSummary, image: string): string {
  const mutation = started?.mutation === undefined ? '' : ` (${started.mutation.name})`
  return `${lab}/${variant.slice(0, -image.length - 1)}${mutation}`
}

/** A row for each claim; one for all of them where an image could try none. */
function rowsOf(byImage: readonly (readonly PlacedCase[])[]): Omit<ImageDifference, 'where'>[] {
  const names = [...new Set(byImage.flatMap((cases) => cases.map(({ one }) => one.name)))]
  const isIdle = (cases: readonly PlacedCase[]) => cases.every(({ one }) => one.outcome === 'skipped')
  if (byImage.some((cases) => cases.length > 0 && isIdle(cases)) && !byImage.every(isIdle))
    return [{ name: plural(names.length, 'claim'), outcomes: byImage.map(worstOf) }]
  return names.map((name) => ({
    name,
    outcomes: byImage.map((cases) => worstOf(cases.filter(({ one }) => one.name === name))),
  }))
}

function worstOf(cases: readonly PlacedCase[]): OnImage | undefined {
  const outcome = worstOutcome(cases.map(({ one }) => one.outcome))
  const example = cases.find(({ one }) => one.outcome === outcome)
  return example && { outcome, example: example.one, scope: example.scope }
}

/** An image and its kernel, in words. */
export const renderImage = ({ name, kernel }: ImageComparison['images'][number]): string =>
  kernel === undefined ? name : `${name} (${kernel})`
