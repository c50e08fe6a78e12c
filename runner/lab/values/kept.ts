import { stateError } from '../../errors.ts'
import { placeNames, shellTextIn } from './fill.ts'
import { keptIn, keptPlaceholders } from './placeholders.ts'
import { shellContexts } from './shell-context.ts'

/** What steps have kept of what their commands printed, by name. */
export type Kept = ReadonlyMap<string, string>

/** More than any command line may have, and than a file should. */
const maxLength = 16 * 1024 * 1024

/**
 * Fills kept values into a text, into commands as words of the shell.
 * @throws WirelabError of kind machinery when a value is not kept, or can't stand where it is wanted
 */
export function fillKept(text: string, kept: Kept, isScript = false): string {
  const names = keptIn(text)
  const length = names.reduce((sum, name) => sum + (kept.get(name)?.length ?? 0), text.length)
  if (length > maxLength) throw stateError('cannot fill in kept values: the text grows beyond all bounds')
  const offsets = Array.from(text.matchAll(keptPlaceholders), ({ index }) => index)
  const contexts = isScript && names.length > 0 ? shellContexts(text, offsets) : []
  let number = -1
  return text.replaceAll(keptPlaceholders, (whole, marks: string, name: string) => {
    number++
    if (marks !== '') return `{{${marks.slice(1)}kept.${name}}}`
    const value = kept.get(name)
    if (value === undefined) throw stateError(`cannot fill in ${whole}: no step has kept it`)
    if (!isScript) return value
    const context = contexts[number] ?? 'bare'
    const word = shellTextIn(context, value)
    if (word !== undefined) return word
    throw stateError(`cannot fill in ${whole} inside ${placeNames[context]}: "${value.slice(0, 200)}" is no plain word`)
  })
}

/** Fills kept values into all texts of a value, however deep; those under the key `command` are commands. */
export function fillKeptIn(value: unknown, kept: Kept, key = ''): unknown {
  if (typeof value === 'string') return fillKept(value, kept, key === 'command')
  if (Array.isArray(value)) return value.map((item) => fillKeptIn(item, kept))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillKeptIn(item, kept, name)]))
}
