import { type ParseArgsConfig, parseArgs } from 'node:util'
import { messageOf, usageError } from '../errors.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import type { Command, CommandContext } from './command.ts'
import { demandNothingSwallowed } from './swallowed-options.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** The option that every command has. */
export const helpOption = { help: { type: 'boolean', short: 'h', default: false } } as const

/** What a command line gives for these options, and its other words. */
export type Given<O extends Options> = ReturnType<typeof readArguments<O>>

/** A command with a help of its own, which is printed when it is asked for. */
export const withHelp =
  <const O extends Options>(
    help: string,
    options: O,
    act: (given: Given<O>, context: CommandContext) => Promise<number>,
  ): Command['command'] =>
  async (args, context) => {
    const given = readArguments(args, options, help)
    if (!isHelpWanted(given.values)) return act(given, context)
    context.stdout.write(help)
    return 0
  }

const isHelpWanted = ({ help }: { readonly help?: unknown }) => help === true

/**
 * Reads a command's arguments. Options may stand anywhere among the words.
 * @throws WirelabError of kind usage for an unknown option, with the nearest, for a missing value, and for options that
 * npm took for its own
 */
export function readArguments<const O extends Options>(args: readonly string[], own: O, help: string) {
  const options = { ...own, ...helpOption }
  demandNothingSwallowed(process.argv.slice(2), options)
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const nearest = nearestOption(args, options)
    const meant = nearest === undefined ? '' : `did you mean "--${nearest}"?\n`
    throw usageError(`cannot read the command line: ${messageOf(error).split('. ')[0]}`, `${meant}${help}`)
  }
}

/** What the first option that is not known was most likely meant to be. */
function nearestOption(args: readonly string[], options: Options): string | undefined {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true })
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(options, token.name))
  return unknown?.kind === 'option' ? nearestWord(unknown.name, Object.keys(options)) : undefined
}

/** A whole number that is at least `least`. @throws WirelabError of kind usage */
export function readCount(name: string, text: string | undefined, byDefault: number, least = 1): number {
  if (text === undefined) return byDefault
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < least)
    throw usageError(`cannot read --${name} ${text}: expected a whole number from ${least}`)
  return count
}

/** Bytes, written as `500MB` or `2GB`; undefined when nothing is said. @throws WirelabError of kind usage */
export function readSize(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^(\d{1,6})(kB|MB|GB)$/i.exec(text) ?? []
  const bytes = Number(count) * ({ kb: 1e3, mb: 1e6, gb: 1e9 }[unit.toLowerCase()] ?? 0)
  if (!(bytes > 0)) throw usageError(`cannot read --${name} ${text}: expected a size, as 500MB or 2GB`)
  return bytes
}

/** One of a few words. @throws WirelabError of kind usage */
export function readChoice<T extends string>(name: string, text: string | undefined, choices: readonly [T, ...T[]]): T {
  if (text === undefined) return choices[0]
  const choice = choices.find((word) => word === text)
  if (!choice) throw usageError(`cannot read --${name} ${text}: expected ${choices.join(', ')}`)
  return choice
}
