import { existsSync } from 'node:fs'
import { summarise } from '../../reports/run/summary.ts'
import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import { listLabs } from '../lab/find-lab.ts'
import type { Lab, Variant } from '../lab/lab.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import type { Selection } from '../scopes.ts'
import { labsFolder } from './labs-folder.ts'
import { findLabs, loadLabs, readLabs } from './load-labs.ts'
import { outlineRun } from './read-run-events.ts'

/** Which labs and variants a command line chooses, beside those that it names. */
export interface Choice {
  readonly names: readonly string[]
  readonly all: boolean
  /** Labs with any of these tags. */
  readonly tags: readonly string[]
  /** Variants whose "lab/variant: title" this regular expression matches. */
  readonly grep: string | undefined
  /** Variants of which something failed, or broke, in the run that `results/latest` leads to. */
  readonly lastFailed: boolean
}

/** Whether a choice says anything at all. */
export const isChoice = ({ names, all, tags, grep, lastFailed }: Choice): boolean =>
  names.length > 0 || all || tags.length > 0 || grep !== undefined || lastFailed

/**
 * Loads the labs that are named, or all of `labsFolder` where none is, and keeps of their variants what is chosen.
 * @throws WirelabError of kind usage for mistakes in lab files, and when nothing is left
 */
export function selectLabs(choice: Choice, colour: boolean): Selection[] {
  const { names, all, tags, lastFailed } = choice
  const pattern = readPattern(choice.grep)
  const failed = lastFailed ? lastFailures() : undefined
  // The record of a run may come from anybody: no path in it is followed.
  const known = new Set(listLabs(labsFolder).map(({ name }) => name))
  const again = failed && names.length === 0 && !all ? failedLabs(failed).filter((lab) => known.has(lab)) : undefined
  const selections = loadLabs(again ?? names, { all: again === undefined && (all || names.length === 0), colour })
  const isWanted = (lab: Lab, { name }: Variant) =>
    (tags.length === 0 || tags.some((tag) => lab.tags.includes(tag))) &&
    (pattern === undefined || pattern.test(`${lab.name}/${name}: ${lab.title}`)) &&
    (failed === undefined || failed.has(`${lab.name}/${name}`))
  const chosen = selections.flatMap((selection) => narrow(selection, isWanted))
  if (chosen.length === 0 && selections.length > 0) refuseTags(tags, selections)
  if (chosen.length > 0) return chosen
  const remedy = lastFailed ? 'name labs that lie elsewhere by their paths' : `${ownCommand('')} lists the labs`
  throw usageError(`cannot run anything: no variant is ${wordsOf(choice)}`, remedy)
}

/** The files of the labs that are named, or of all of `labsFolder` where none is; absolute. @throws as `findLabs` */
export function labFilesOf({ names, all }: Choice): readonly string[] {
  const found = findLabs(names, all || names.length === 0)
  return [...new Set([...found, ...readLabs(found).diagnostics].map(({ file }) => file))]
}

function readPattern(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text)
  } catch (error) {
    throw usageError(`cannot read --grep ${text}: ${error instanceof Error ? error.message : error}`)
  }
}

/** `lab/variant` of what did not pass, on whatever image. That a mutation was not noticed says nothing of the variant. */
function lastFailures(): Set<string> {
  const last = 'results/latest'
  if (!existsSync(last))
    throw usageError(
      `cannot run again what failed: there is no ${last}`,
      'run labs first, or go to where they were run',
    )
  const { scopes } = summarise(outlineRun(last))
  const failed = scopes.filter(
    ({ started, outcome }) => !started?.mutation && (outcome === 'failed' || outcome === 'error'),
  )
  return new Set(failed.map(({ lab, variant }) => `${lab}/${variant.split('@')[0]}`))
}

const failedLabs = (failed: ReadonlySet<string>) => [...new Set([...failed].map((one) => one.split('/')[0] ?? ''))]

/** What is wanted of a selection: nothing, the whole, or some variants. */
function narrow(selection: Selection, isWanted: (lab: Lab, variant: Variant) => boolean): Selection[] {
  const { lab, variant: only } = selection
  const own = lab.variants.filter(({ name }) => only === undefined || name === only)
  const wanted = own.filter((variant) => isWanted(lab, variant))
  return wanted.length === own.length ? [selection] : wanted.map(({ name }) => ({ lab, variant: name }))
}

function refuseTags(tags: readonly string[], selections: readonly Selection[]): void {
  const known = new Set(selections.flatMap(({ lab }) => lab.tags))
  const stray = tags.find((tag) => !known.has(tag))
  if (stray === undefined) return
  const nearest = nearestWord(stray, known)
  throw usageError(
    `cannot run labs with the tag "${stray}": none has it`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"? `}the tags are ${[...known].toSorted().join(', ') || 'none'}`,
  )
}

const wordsOf = ({ tags, grep, lastFailed }: Choice) =>
  [
    ...(tags.length > 0 ? [`tagged ${tags.join(' or ')}`] : []),
    ...(grep === undefined ? [] : [`called as --grep ${grep} says`]),
    ...(lastFailed ? ['one that failed in results/latest'] : []),
  ].join(', and ') || 'named'
