import { randomInt } from 'node:crypto'
import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import { mutantsOf, type SelectedMutant, sampleOf } from '../mutant-scopes.ts'
import type { Selection } from '../scopes.ts'
import { readCount } from './options.ts'

/** What is asked of mutants that are made by machine. */
export interface AutoWish {
  /** They are printed, and not tried. */
  readonly list?: boolean
  /** How many of them. */
  readonly sample?: number
  readonly seed?: number
}

/** How it stands on the command line. */
interface AutoArguments {
  readonly auto: boolean
  readonly list: boolean
  readonly sample?: string | undefined
  readonly seed?: string | undefined
  readonly isParted: boolean
}

/** Undefined when no mutants are to be made by machine. @throws WirelabError of kind usage */
export function readAutoWish(kind: 'run' | 'mutate', args: AutoArguments): AutoWish | undefined {
  const { auto, list, sample, seed, isParted } = args
  const [stray] = Object.entries({
    auto: kind === 'run' && auto,
    sample: sample && !auto,
    seed: seed && !sample,
  })
    .filter(([, isStray]) => isStray)
    .map(([name]) => name)
  if (stray !== undefined) {
    const place = { auto: 'mutate', sample: '--auto', seed: '--sample' }[stray]
    throw usageError(`cannot use --${stray} here: it belongs to ${place}`, ownCommand('mutate NAME -- --auto'))
  }
  if (!auto) return undefined
  if (sample !== undefined && seed === undefined && isParted)
    throw usageError('cannot split a sample that each part draws for itself', 'give all parts the same --seed')
  return {
    list,
    ...(sample === undefined
      ? {}
      : { sample: readCount('sample', sample, 1), seed: readCount('seed', seed, randomInt(1_000_000), 0) }),
  }
}

/**
 * The mutants that are asked for, and how many their labs have. @throws WirelabError of kind usage for a name that none
 * has
 */
export function chooseMutants(selections: readonly Selection[], names: readonly string[] | undefined, wish: AutoWish) {
  const mutants = mutantsOf(selections, names)
  const of = mutantsOf(selections).length
  const { sample: size, seed } = wish
  if (size === undefined || seed === undefined) return { mutants, of }
  return { mutants: sampleOf(mutants, { size, seed }), of, seed }
}

/** The mutants, a line each, by lab; and how many there are of each kind. */
export function renderMutants(mutants: readonly SelectedMutant[]): string {
  const labs = [...Map.groupBy(mutants, ({ lab }) => lab)]
  const lines = labs.flatMap(([{ name }, own]) => [
    `${name}: ${countKinds(own)}`,
    ...own.map(({ mutant }) => `  ${mutant.name}${mutant.survives === undefined ? '' : '  (explained)'}`),
  ])
  return [...lines, ...(labs.length > 1 ? [`all: ${countKinds(mutants)}`] : []), ''].join('\n')
}

const kinds = ['step', 'command', 'other'] as const

const countKinds = (mutants: readonly SelectedMutant[]): string =>
  `${mutants.length} mutants, ${kinds.map((kind) => `${kind} ${mutants.filter(({ mutant }) => mutant.kind === kind).length}`).join(', ')}`
