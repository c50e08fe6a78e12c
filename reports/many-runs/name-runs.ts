import { basename } from 'node:path'
import type { RunVerdicts } from '../junit/parse-junit.ts'

/** A run of several that are told apart. */
export interface RunToName extends Pick<RunVerdicts, 'made'> {
  /** Its results folder, as it was named. */
  readonly folder?: string
}

/** What may tell runs apart, what a reader asks for first at the top. */
const tellers: readonly ((made: RunToName['made']) => string | undefined)[] = [
  ({ provider }) => provider,
  // Without their keys.
  ({ image }) => image?.replaceAll(/ [^,]*/g, ''),
  ({ accelerator }) => accelerator,
  ({ kernel }) => kernel,
  ({ image }) => image,
  ({ qemu }) => qemu,
  ({ wirelab }) => wirelab,
  ({ host }) => host,
  ({ started }) => started?.slice(0, 10),
]

/** A name for each run: what differs between them, no more than it takes to tell them apart; else their folder. */
export function nameRuns(runs: readonly RunToName[]): string[] {
  const folders = runs.map(({ folder = '' }) => basename(folder))
  const differing = [
    ...tellers.map((tell) => runs.map(({ made }) => tell(made) ?? '')),
    countOf(folders) === runs.length ? folders : runs.map(({ folder = '' }) => folder),
  ]
  const byOne = differing.slice(0, -1).find((values) => countOf(values) === runs.length)
  let names = runs.map((): readonly string[] => [])
  for (const values of byOne === undefined ? differing : [byOne]) {
    const longer = names.map((name, at) => [...name, values[at] ?? ''])
    if (countOf(longer) > countOf(names)) names = longer
  }
  return names.map(
    (name, at) =>
      name.filter((value) => value !== '').join(', ') || runs[at]?.made['provider'] || folders[at] || 'a run',
  )
}

const countOf = (names: readonly (string | readonly string[])[]) =>
  new Set(names.map((name) => JSON.stringify(name))).size
