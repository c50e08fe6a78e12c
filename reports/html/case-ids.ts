import type { JudgedCase, ScopeSummary } from '../run/summary.ts'

/** Names in the page that links lead to; the same for the same run, whatever became of it. */
export interface PageIds {
  readonly ofScope: (scope: Pick<ScopeSummary, 'scope'>) => string
  /** Of a case of this very summary. */
  readonly ofCase: (scope: ScopeSummary, one: JudgedCase) => string
}

/** Ids for all scopes and cases, each once: `lab/variant` and `lab/variant/what-is-claimed`. */
export function namePageIds(scopes: readonly ScopeSummary[]): PageIds {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  for (const { scope } of scopes) ids.set(scope, take(scope.split('/').map(slug).join('/'), taken))
  const ofScope: PageIds['ofScope'] = ({ scope }) => ids.get(scope) ?? ''
  // What follows the last slash is of the case, so that no two scopes have one alike.
  const name = (scope: ScopeSummary) => {
    const own = new Set<string>()
    const cases = [...scope.cases, ...(scope.mutated ?? [])]
    return new Map(cases.map((one) => [one, take(`${ofScope(scope)}/${slug(one.name)}`, own, taken)]))
  }
  const known = new WeakMap<ScopeSummary, ReadonlyMap<JudgedCase, string>>()
  return {
    ofScope,
    ofCase: (scope, one) => {
      const own = known.get(scope) ?? name(scope)
      known.set(scope, own)
      return own.get(one) ?? ''
    },
  }
}

function take(wanted: string, taken: Set<string>, others: ReadonlySet<string> = taken): string {
  let id = wanted
  for (let n = 2; taken.has(id) || others.has(id); n += 1) id = `${wanted}-${n}`
  taken.add(id)
  return id
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replaceAll(/^-+|-+$/g, '') || 'x'
