import type { ParseArgsConfig } from 'node:util'
import { usageError } from '../errors.ts'
import { shellLine } from '../host/shell-words.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Refuses a command line of `npm run lab` of which npm took options for its own, because no "--" stood before them: it
 * leaves them in the environment, as npm_config_keep=true. Of an option with a value in a word of its own npm leaves
 * that word among the others. `args` is what npm handed on; an option that is among it was not lost.
 * @throws WirelabError of kind usage with the line that was meant
 */
export function demandNothingSwallowed(
  args: readonly string[],
  options: Options,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (environment['npm_lifecycle_event'] !== 'lab') return
  const swallowed = Object.entries(options).flatMap(([name, { type, short }]) => {
    const spellings = short === undefined ? [name] : [name, short]
    const value = spellings.map((each) => environment[variableOf(each)]).find(Boolean)
    if (value === undefined || value === 'false' || args.some((word) => isSpelling(word, name, short))) return []
    const isWhole = type === 'boolean' || value !== 'true'
    const option = name.length === 1 ? `-${name}` : `--${name}`
    return [{ option, isWhole, words: type !== 'boolean' && isWhole ? [option, value] : [option] }]
  })
  if (swallowed.length === 0) return
  const names = swallowed.map(({ option }) => option).join(', ')
  const isWhole = swallowed.every((each) => each.isWhole)
  const meant = shellLine(swallowed.flatMap(({ words }) => words))
  throw usageError(
    `cannot read the command line: npm took ${names} for itself`,
    isWhole
      ? `write ${['npm run lab', ...args.map((word) => shellLine([word])), '--', meant].join(' ')}`
      : `write options, with their values, after "--": npm run lab ... -- ${swallowed
          .map(({ words, isWhole: whole }) => shellLine(words) + (whole ? '' : ' ...'))
          .join(' ')}`,
  )
}

/** As npm names it: --max-failures is npm_config_max_failures. */
const variableOf = (option: string) => `npm_config_${option.replaceAll('-', '_')}`

const isSpelling = (word: string, name: string, short: string | undefined) =>
  word === `--${name}` || word.startsWith(`--${name}=`) || (short !== undefined && word === `-${short}`)
