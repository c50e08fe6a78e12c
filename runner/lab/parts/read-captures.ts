import type { CaptureDeclaration } from '../lab.ts'
import type { captureSchema } from '../schema/schema-captures.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { parseEndpoint } from '../text/endpoint.ts'
import { listNames } from '../text/list-names.ts'
import { nearestWord } from '../text/nearest.ts'
import type { DeclaredTopology, VariantContext } from './variant-context.ts'

type RawCapture = typeof captureSchema._output

/** Where steps stand that others may name. */
export interface StepPlaces {
  /** Index of each step of the variant that has an id. */
  readonly ids: ReadonlyMap<string, number>
  /** Index of the step that is read. */
  readonly index: number
  /** Index of the last part of that step: it may be done on several nodes. */
  readonly last: number
}

/** Makes captures of a step's `capture`; the end of a cable means the cable unless the lab says `nic`. */
export function readCaptures(
  captures: Readonly<Record<string, RawCapture>>,
  path: Path,
  { nodeNames, cableEnds }: DeclaredTopology,
  steps: StepPlaces,
  { report }: VariantContext,
): readonly CaptureDeclaration[] {
  return Object.entries(captures).map(([name, raw]) => {
    const text = typeof raw === 'string' ? raw : 'cable' in raw ? raw.cable : raw.nic
    const asked = typeof raw === 'string' ? undefined : 'cable' in raw ? 'cable' : 'nic'
    const at = asked === undefined ? [...path, name] : [...path, name, asked]
    const endpoint = parseEndpoint(text)
    if (!nodeNames.has(endpoint.node)) {
      report(at, {
        message: `cannot capture on ${text}: there is no node "${endpoint.node}"`,
        nearest: () => nearestWord(endpoint.node, nodeNames),
      })
    } else if (asked === 'cable' && !cableEnds.has(text)) {
      report(at, {
        message: `cannot capture on the cable at ${text}: no link ends there`,
        nearest: () => nearestWord(text, cableEnds),
        hint: () => (cableEnds.size === 0 ? 'the lab has no links' : `the links end at ${listNames(cableEnds)}`),
      })
    }
    const until = typeof raw === 'string' ? undefined : findUntil(raw.until, [...path, name, 'until'], steps, report)
    const where = asked ?? (cableEnds.has(text) ? 'cable' : 'nic')
    return { name, ...endpoint, where, ...(until === undefined ? {} : { until }) }
  })
}

function findUntil(id: string | undefined, path: Path, { ids, index, last }: StepPlaces, report: Report) {
  if (id === undefined) return last === index ? undefined : last
  const until = ids.get(id)
  if (until === undefined) {
    report(path, {
      message: `cannot capture until step "${id}": no step has this id`,
      nearest: () => nearestWord(id, ids.keys()),
      hint: 'expected the id of a later step',
    })
  } else if (until <= last) {
    report(path, { message: `cannot capture until step "${id}": it does not come later` })
  }
  return until
}
