import { basename } from 'node:path'
import { signs } from '../run/outcomes.ts'
import type { RunSummary } from '../run/summary.ts'
import { codeMarkdown, inlineMarkdown } from '../text/markdown.ts'

/** The results of one of a class; a text says why there are none. */
export interface Handed {
  readonly folder: string
  readonly summary: RunSummary | string
}

/** Who passed what, as a Markdown table: a row for each folder, a column for each lab that anybody ran. */
export function renderClass(handed: readonly Handed[]): string {
  const labs = [...new Set(handed.flatMap(({ summary }) => scopesOf(summary).map(({ lab }) => lab)))].toSorted()
  const rows = handed.map((one) => [
    codeMarkdown(nameOf(one, handed)),
    ...labs.map((lab) => cellOf(one, lab)),
    typeof one.summary === 'string' ? inlineMarkdown(one.summary) : '',
  ])
  const head = ['who', ...labs.map((lab) => inlineMarkdown(lab)), '']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

const scopesOf = (summary: RunSummary | string) => (typeof summary === 'string' ? [] : summary.scopes)

/** The folder's last part; the whole path where another ends in the same. */
function nameOf({ folder }: Handed, all: readonly Handed[]): string {
  const name = basename(folder)
  return all.filter((one) => basename(one.folder) === name).length > 1 ? folder : name
}

/** How many variants of a lab passed, with the sign of the worst. */
function cellOf({ summary }: Handed, lab: string): string {
  const own = scopesOf(summary).filter((scope) => scope.lab === lab)
  if (own.length === 0) return '–'
  const worst = (['failed', 'error', 'skipped', 'passed'] as const).find((one) =>
    own.some(({ outcome }) => outcome === one),
  )
  return `${signs[worst ?? 'passed']} ${own.filter(({ outcome }) => outcome === 'passed').length}/${own.length}`
}
