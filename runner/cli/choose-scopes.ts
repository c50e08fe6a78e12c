import { createHash } from 'node:crypto'
import { cutScopes, type Part } from '../cut.ts'
import { usageError } from '../errors.ts'
import type { RunStarted } from '../events.ts'
import { scopesToTry } from '../mutant-scopes.ts'
import { scopesOnImages } from '../on-images.ts'
import { type Scope, type Selection, scopesToMutate, scopesToRun } from '../scopes.ts'
import { type AutoWish, chooseMutants } from './auto-mutants.ts'
import { labsToRecord, scopesOf } from './like-run.ts'
import type { RunRequest } from './read-request.ts'
import { selectLabs } from './select-labs.ts'

/** What is to be run. */
export interface ChosenScopes {
  readonly scopes: readonly Scope[]
  /** What is recorded of a choice of mutants. */
  readonly mutants?: RunStarted['mutants']
  /** Which part of a run they are, and what tells that run and how it was cut from others. */
  readonly part?: Part & { readonly digest: string }
}

/**
 * The scopes that a request asks for: of its labs, on its images, of its part, or those that another run had.
 * @throws WirelabError of kind usage for mistakes in lab files, and when nothing is left to run
 */
export function chooseScopes(request: RunRequest, colour: boolean): ChosenScopes {
  const { kind, choice, images, repeat, mutations, auto, part, times, like } = request
  const selections = selectLabs(choice, colour)
  const { scopes: whole, ...more } =
    auto === undefined
      ? { scopes: kind === 'run' ? scopesToRun(selections, repeat) : scopesToMutate(selections, mutations) }
      : scopesOfMutants(selections, mutations, auto)
  const all = scopesOnImages(whole, images)
  const repeated = like === undefined ? all : scopesOf(like, all)
  if (like !== undefined && repeated.length === 0)
    throw usageError('cannot do the same: nothing of that run is there any more')
  if (whole.length === 0)
    throw usageError(`cannot mutate: ${auto ? 'there is no mutant' : 'no mutation is declared'} for what is named`)
  if (part.of === 1) return { scopes: repeated, ...more }
  const { parts } = cutScopes(repeated, part.of, times)
  const scopes = parts[part.part - 1] ?? []
  if (scopes.length > 0) return { scopes, ...more, part: { ...part, digest: digestOf(parts) } }
  throw usageError(`cannot run part ${part.part}/${part.of}: there are ${repeated.length} to part`)
}

/** The same wherever the same scopes, of labs that are the same, are cut in the same way. */
function digestOf(parts: readonly (readonly Scope[])[]): string {
  const labs = new Map(labsToRecord(parts.flat()).map(({ scope, sha256 }) => [scope, sha256]))
  const content = parts.map((own) => own.map(({ name }) => [name, labs.get(name)]))
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)
}

/** The scopes of the mutants that are asked for, and how many there are to choose from. */
function scopesOfMutants(selections: readonly Selection[], names: readonly string[] | undefined, wish: AutoWish) {
  const { mutants, of, seed } = chooseMutants(selections, names, wish)
  return { scopes: scopesToTry(mutants), mutants: { of, ...(seed === undefined ? {} : { seed }) } }
}
