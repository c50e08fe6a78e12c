import type { Scope } from './scopes.ts'

/**
 * The scopes on each of several images, image by image; a variant then has the image in its name. On one alone names
 * stay as they are, and without any so do the scopes.
 */
export function scopesOnImages(scopes: readonly Scope[], images: readonly string[]): Scope[] {
  const [only, ...others] = images
  if (only === undefined) return [...scopes]
  if (others.length === 0) return scopes.map((scope) => changeTries(scope, (one) => ({ ...one, image: only })))
  return images.flatMap((image) => scopes.map((scope) => changeTries(scope, (one) => onImage(one, image))))
}

const changeTries = ({ otherwise, ...scope }: Scope, change: (scope: Scope) => Scope): Scope => ({
  ...change(scope),
  ...(otherwise === undefined ? {} : { otherwise: otherwise.map(change) }),
})

const onImage = (scope: Scope, image: string): Scope => ({
  ...scope,
  image,
  variant: { ...scope.variant, name: `${scope.variant.name}@${image}` },
  name: renameVariant(scope.name, image),
  // No other folder has an at sign.
  folder: `${scope.folder}@${image}`,
  ...(scope.retryOf === undefined ? {} : { retryOf: renameVariant(scope.retryOf, image) }),
})

/** Adds an image to the variant in a scope's name, behind which stands a repetition or a mutation. */
const renameVariant = (name: string, image: string) => name.replace(/^[^/]*\/[^ ]*/, (start) => `${start}@${image}`)
