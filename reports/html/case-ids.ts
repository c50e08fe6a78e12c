import type { JudgedCase, ScopeSummary } from '../run/summary.ts'

/** Names in the page that links lead to; the same for the same run, whatever became of it. */
export interface PageIds {
  readonly ofScope: (scope: ScopeSummary) => string
  readonly ofCase: (one: JudgedCase) => string
}

/** Ids for all scopes and cases, each once: `lab/variant` and `lab/variant/what-is-claimed`. */
export function namePageIds(scopes: readonly ScopeSummary[]): PageIds {
  const taken = new Set<string>()
  const take = (wanted: string) => {
    let id = wanted
    for (let n = 2; taken.has(id); n += 1) id = `${wanted}-${n}`
    taken.add(id)
    return id
  }
  const ofScope = new Map<ScopeSummary, string>()
  const ofCase = new Map<JudgedCase, string>()
  for (const scope of scopes) {
    const id = take(scope.scope.split('/').map(slug).join('/'))
    ofScope.set(scope, id)
    for (const one of [...scope.cases, ...(scope.mutated ?? [])]) ofCase.set(one, take(`${id}/${slug(one.name)}`))
  }
  return {
    ofScope: (scope) => ofScope.get(scope) ?? '',
    ofCase: (one) => ofCase.get(one) ?? '',
  }
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replaceAll(/^-+|-+$/g, '') || 'x'
