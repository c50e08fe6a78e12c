import { renderJson } from '../../reports/text/json.ts'
import { plainMessage } from '../../reports/text/plain-text.ts'
import type { Scope } from '../scopes.ts'

/** What would be run: a line each, or a list of JSON. */
export function renderScopes(scopes: readonly Scope[], { json }: { readonly json: boolean }): string {
  const listed = scopes.map(({ name, lab, variant, trial }) => ({
    name,
    lab: lab.name,
    variant: variant.name,
    file: lab.file,
    ...(trial === undefined ? {} : { mutation: trial.mutation.name }),
  }))
  return json ? `${renderJson(listed, 2)}\n` : plainMessage(listed.map(({ name }) => `${name}\n`).join(''))
}
