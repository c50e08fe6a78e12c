/** The image that machines get of which nobody says more. */
export const defaultImage = 'debian-12'

/** What an image is called: by its recipe, and by the packages of a layer on it, as `debian-12+frr`. */
export interface ImageName {
  readonly recipe: string
  readonly packages: readonly string[]
}

/** The text that `parseImageName` reads; the same for the same packages. */
export const renderImageName = ({ recipe, packages }: ImageName): string =>
  [recipe, ...new Set(packages.toSorted())].join('+')

/** Reads an image's name. The plus signs within a package's are doubled, as in `libstdc++6`. */
export function parseImageName(name: string): ImageName {
  const [recipe = '', ...packages] = name.split(/(?<=(?<!\+)(?:\+\+)*)\+(?=[a-z0-9])/)
  return { recipe, packages }
}
