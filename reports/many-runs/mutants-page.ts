import { scoreOf } from '../run/mutants.ts'
import type { RunSummary, ScopeSummary } from '../run/summary.ts'

const head = `# How many mutants the labs notice

Made by \`npm run mutants -- DIR...\` from the results of \`npm run lab mutate NAME... -- --auto\`. A mutant is a small change
of a lab, made by machine: a step is left out, a command that changes something is left out, or something stands
otherwise (an address, a number, a mode, a switch, a timer). It is caught when an expectation fails for it, a command of
the lab goes wrong, or a step can't be done or an expectation not be asked any more: of a machine that runs already, or
that nothing has started again, or in a network namespace that is not there. Survivors that are explained stand in their
lab under \`survives\`, with the reason.

`
const table = `
| lab | tried | steps | commands | others | explained | not explained | not known |
| --- | --- | --- | --- | --- | --- | --- | --- |
`

/** The mutants that each lab has now, by their names. */
export type MutantsOfLabs = ReadonlyMap<string, readonly string[]>

/**
 * docs/mutants.md: how many mutants of each lab were tried, and caught. Of several runs of a mutant the newest counts.
 * Labs of which the runs have none are as in `before`, the page as it was. A text instead of the page says what can't
 * be used.
 */
export function renderMutantsPage(
  runs: readonly RunSummary[],
  all: MutantsOfLabs,
  before: string,
): { readonly page: string } | string {
  const stray = runs.find(({ started }) => started?.mutants === undefined)
  if (stray !== undefined) return `run ${stray.started?.run ?? 'without a beginning'} made no mutants`
  const tried = newestOf(runs)
  const rows = new Map(
    Array.from(before.matchAll(/^\| \[([^\]]+)\]\(\S+\) \| (\d+) of .*$/gm), ([row, lab = '', count]) => [
      lab,
      { row, count: Number(count) },
    ]),
  )
  const made: { readonly row: string; readonly count: number }[] = []
  for (const [lab, names] of all) {
    const own = names.flatMap((name) => tried.get(lab)?.get(name) ?? [])
    const known = rows.get(lab)
    if (own.length > 0 && own.length < Math.min(known?.count ?? 0, names.length))
      return `of ${lab} the runs tried ${own.length} mutants, and the page has ${known?.count}: name the folders of the others too`
    // Of a lab of which nothing was tried all that a row says is how many mutants it has.
    made.push(
      known !== undefined && known.count > 0 && own.length === 0
        ? known
        : { row: rowOf(lab, own, names.length), count: own.length },
    )
  }
  const sum = made.reduce((total, { count }) => total + count, 0)
  const of = [...all.values()].reduce((total, names) => total + names.length, 0)
  const page = `${head}${sum} of the ${of} mutants of all labs were tried.\n${table}`
  return { page: `${page}${made.map(({ row }) => `${row}\n`).join('')}` }
}

/** What became of each mutant when it was tried last, by lab and name. */
function newestOf(runs: readonly RunSummary[]): ReadonlyMap<string, ReadonlyMap<string, ScopeSummary>> {
  const newest = new Map<string, Map<string, ScopeSummary>>()
  const startOf = ({ started }: RunSummary) => started?.startedAt ?? ''
  for (const run of runs.toSorted((left, right) => (startOf(left) < startOf(right) ? -1 : 1))) {
    for (const scope of run.scopes) {
      const { mutant, lab, interrupted } = scope
      // A run that was killed tells nothing of what it had not done.
      if (mutant === undefined || interrupted || (run.finished === undefined && mutant.state === 'unknown')) continue
      newest.set(lab, (newest.get(lab) ?? new Map()).set(mutant.name, scope))
    }
  }
  return newest
}

function rowOf(lab: string, own: readonly ScopeSummary[], of: number): string {
  const scores = scoreOf(own)
  const sum = (key: 'explained' | 'survived' | 'unknown') => scores.reduce((total, score) => total + score[key], 0)
  const caught = scores.map(({ caught, all }) => `${caught} of ${all}`)
  const cells = [
    `[${lab}](../labs/${lab})`,
    `${own.length} of ${of}`,
    ...(own.length === 0 ? ['–', '–', '–'] : caught),
    ...[sum('explained'), sum('survived'), sum('unknown')].map((count) => (count === 0 ? '–' : `${count}`)),
  ]
  return `| ${cells.join(' | ')} |`
}
