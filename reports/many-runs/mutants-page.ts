import { type Score, scoreOf } from '../run/mutants.ts'
import type { RunSummary, ScopeSummary } from '../run/summary.ts'

const head = `# How many mutants the labs notice

Made by \`npm run mutants -- DIR...\` from the results of \`npm run lab mutate NAME... -- --auto\`. A mutant is a small change
of a lab, made by machine: a step is left out, a command that changes something is left out, or something stands
otherwise (an address, a number, a mode, a switch, a timer). It is caught when an expectation fails for it, a command of
the lab goes wrong, or a step can't be done or an expectation not be asked any more: of a machine that runs already, or
that nothing has started again. Survivors that are explained stand in their lab under \`survives\`, with the reason.

| lab | steps | commands | others | explained | not explained | not known |
| --- | --- | --- | --- | --- | --- | --- |
`

/**
 * docs/mutants.md: how many mutants of each lab are caught, of the runs' labs as they fared there, of all others as in
 * `before`, the page as it was. A run of some mutants renews those of a run of all that stands before it. A text
 * instead
 * of the page says which run can't be used.
 */
export function renderMutantsPage(runs: readonly RunSummary[], before: string): { readonly page: string } | string {
  const rows = new Map(Array.from(before.matchAll(/^\| \[([^\]]+)\]\(.*$/gm), ([row, lab = '']) => [lab, row]))
  const tried = new Map<string, ReadonlyMap<string, ScopeSummary>>()
  for (const { started, scopes } of runs) {
    if (started?.mutants === undefined) return `run ${started?.run ?? 'without a beginning'} made no mutants`
    const isWhole = started.mutants.of <= scopes.length
    for (const [lab, own] of Map.groupBy(scopes, (scope) => scope.lab)) {
      const known = isWhole ? undefined : tried.get(lab)
      const named = own.map((scope) => [scope.mutant?.name ?? scope.scope, scope] as const)
      if (!isWhole && !named.every(([name]) => known?.has(name)))
        return `run ${started.run} tried ${scopes.length} of ${started.mutants.of} mutants`
      tried.set(lab, new Map([...(known ?? []), ...named]))
    }
  }
  for (const [lab, own] of tried) rows.set(lab, rowOf(lab, scoreOf([...own.values()])))
  const sorted = [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return { page: `${head}${sorted.map(([, row]) => `${row}\n`).join('')}` }
}

function rowOf(lab: string, scores: readonly Score[]): string {
  const sum = (key: 'explained' | 'survived' | 'unknown') => scores.reduce((total, score) => total + score[key], 0)
  const cells = [
    `[${lab}](../labs/${lab})`,
    ...scores.map(({ caught, all }) => `${caught} of ${all}`),
    ...[sum('explained'), sum('survived'), sum('unknown')].map((count) => (count === 0 ? '–' : `${count}`)),
  ]
  return `| ${cells.join(' | ')} |`
}
