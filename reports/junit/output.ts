import type { Audience } from '../reporter.ts'
import { isTrouble } from '../run/outcomes.ts'
import { type JudgedCase, renderBeginning, type ScopeSummary } from '../run/summary.ts'
import { oneLine } from '../text/plain-text.ts'

/** What is known beside the events. */
export interface OutputOptions extends Pick<Audience, 'attachmentsBelow'> {
  /** The logs in a folder of the results folder, which are attached to the cases of their scope that need a look. */
  readonly logsIn: (folder: string) => readonly string[]
}

const maxLogs = 20

/**
 * A case's system-out: what of a trial was done once for several, what happened to cables, machines and NICs before its
 * verdict with the host's time, and as `[[ATTACHMENT|path]]`, which GitLab and Jenkins read, its captures and (when it is
 * not passed) its scope's logs.
 */
export function renderOutput(scope: ScopeSummary, one: JudgedCase, options: OutputOptions): string {
  const captures = one.captures.map(({ path }) => path)
  const logs = isTrouble(one.outcome) ? logsOf(scope, options) : []
  return [
    ...(scope.beginning ? [oneLine(renderBeginning(scope.beginning)).replaceAll('[[', '[ [')] : []),
    ...(one.happened ?? []).map(
      ({ words, endedMs }) => `${new Date(endedMs).toISOString()} ${oneLine(words).replaceAll('[[', '[ [')}`,
    ),
    ...[...captures, ...logs].map((path) => attachment(path, options.attachmentsBelow)),
  ].join('\n')
}

const attachment = (path: string, below = '') =>
  `[[ATTACHMENT|${below === '' ? path : `${below.replace(/\/+$/, '')}/${path}`}]]`

/** Consoles first: they say why a machine did not answer. */
function logsOf({ started }: ScopeSummary, { logsIn }: OutputOptions) {
  if (started?.folder === undefined) return []
  const logs = logsIn(started.folder)
  const isConsole = (path: string) => path.endsWith('.console.log')
  return [...logs.filter(isConsole), ...logs.filter((path) => !isConsole(path))].slice(0, maxLogs)
}
