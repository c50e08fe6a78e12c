import { isTrouble } from '../../reports/run/outcomes.ts'
import type { RunSummary, ScopeSummary } from '../../reports/run/summary.ts'
import { oneLine } from '../../reports/text/plain-text.ts'
import { ownCommand } from '../host/own-command.ts'
import { shellWord } from '../host/shell-words.ts'
import type { KeptLab } from '../providers/provider.ts'

/**
 * What a run's last lines say: where its report is, or that it could not be drawn, what the run left up and how to get
 * in, and what to type next.
 */
export function renderClosing(
  summary: RunSummary,
  folder: string,
  kept: readonly KeptLab[],
  { isDrawn }: { readonly isDrawn: boolean },
): string {
  const next = nextOf(summary)
  return [
    `Results: ${folder}`,
    isDrawn
      ? `Report:  ${folder.replace(/\/+$/, '')}/report.html`
      : `Report:  not drawn; ${ownCommand(`report ${shellWord(folder)}`)} draws it again`,
    ...kept.flatMap(keptLines),
    ...(next === undefined || kept.length > 0 ? [] : [`Next:    ${next.command}  (${next.why})`]),
    '',
  ].join('\n')
}

/** A lab's machines that stay up: what is in them, and a command for a shell in each node. */
function keptLines({ lab, variant, nodes }: KeptLab): string[] {
  const name = `${lab}/${variant}`
  return [
    `Left up: ${name}`,
    ...Object.keys(nodes).map((node) => `  ${ownCommand(`shell ${shellWord(name)} ${shellWord(node)}`)}`),
    `  ${ownCommand(`down ${shellWord(lab)}`)}  (ends them)`,
  ]
}

interface Next {
  readonly command: string
  readonly why: string
}

/** The one thing that most would do now; undefined when that isn't known, as after mutations and interrupted runs. */
function nextOf({ started, finished, scopes, outcome }: RunSummary): Next | undefined {
  if (started?.kind !== 'run' || finished === undefined || finished.exitCode > 3) return undefined
  const troubled = scopes.filter((scope) => isTrouble(scope.outcome))
  const [only] = troubled
  if (only !== undefined && troubled.length > 1)
    return { command: ownCommand('-- --last-failed'), why: 'again, what did not pass' }
  if (only !== undefined) return lookCloser(only)
  const labs = new Set(scopes.map(({ lab }) => lab))
  const [lab] = labs
  if (outcome !== 'passed' || lab === undefined || labs.size > 1) return undefined
  return { command: ownCommand(`handout ${shellWord(lab)}`), why: 'the lab on paper' }
}

/** A shell where the first claim went wrong. */
function lookCloser({ lab, variant, cases }: ScopeSummary): Next | undefined {
  const step = cases.find(({ outcome, verdict }) => isTrouble(outcome) && verdict !== undefined)?.verdict?.stepName
  if (step === undefined) return undefined
  const command = ownCommand(`shell ${shellWord(`${lab}/${variant}`)} -- --until ${shellWord(oneLine(step))}`)
  return { command, why: 'look at it by hand' }
}
