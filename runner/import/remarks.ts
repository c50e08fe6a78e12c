import { type Diagnostic, type Findings, gatherFindings, type Report } from '../lab/text/diagnostics.ts'
import type { Tree } from '../lab/text/tree.ts'

/** What an import has to say, of several files. */
export interface Remarks {
  /** The remarks on one file; their places are found in `tree`, or given as spans. */
  on(file: string, text: string, tree?: Tree): FileRemarks
  /** What keeps the topology from being a lab. */
  errors(): readonly Diagnostic[]
  /** What is not taken over, though the lab runs without it. */
  warnings(): readonly Diagnostic[]
}

export interface FileRemarks {
  readonly error: Report
  readonly warn: Report
  readonly errorAt: Findings['reportAt']
  readonly warnAt: Findings['reportAt']
}

/** Gathers remarks, which come in the order of the files. */
export function gatherRemarks(): Remarks {
  const errors: Findings[] = []
  const warnings: Findings[] = []
  return {
    on(file, text, tree) {
      const [error, warning] = [gatherFindings(file, text, tree), gatherFindings(file, text, tree)]
      errors.push(error)
      warnings.push(warning)
      return {
        error: error.reportIn(),
        warn: warning.reportIn(),
        errorAt: error.reportAt,
        warnAt: warning.reportAt,
      }
    },
    errors: () => errors.flatMap((one) => one.list([])),
    warnings: () => warnings.flatMap((one) => one.list([])),
  }
}
