import type { Path, Report } from '../../lab/text/diagnostics.ts'

/** `$$`, or a variable of the environment, perhaps with a default in group 2. */
const variables = /\$\$|\$\{(\w+)(?::?[-=]([^}]*))?\}/g

/**
 * Fills variables of the environment, which containerlab does in all of the file: with their defaults, as an import is
 * the same for everybody. `$$` is a dollar sign.
 */
export function fillVariables(value: unknown, warn: Report, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, at) => fillVariables(item, warn, [...path, at]))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [key, fillVariables(item, warn, [...path, key])]),
    )
  if (typeof value !== 'string') return value
  return value.replaceAll(variables, (whole, name: string | undefined, byDefault: string | undefined) => {
    if (whole === '$$') return '$'
    if (byDefault !== undefined) return byDefault
    warn(path, { message: `cannot fill in ${whole}: an import reads no environment`, hint: `write what ${name} is` })
    return whole
  })
}
