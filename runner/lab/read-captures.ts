import type { Path } from './diagnostics.ts'
import type { CaptureDeclaration } from './lab.ts'
import { nearestWord } from './nearest.ts'
import { parseEndpoint } from './read-topology.ts'
import type { Scope, Topology } from './scope.ts'

type RawCapture = string | { readonly cable: string } | { readonly nic: string }

/** Makes captures of a step's `capture`; the end of a cable means the cable unless the lab says `nic`. */
export const readCaptures = (
  captures: Readonly<Record<string, RawCapture>>,
  path: Path,
  { nodeNames, links }: Topology,
  { report }: Scope,
): readonly CaptureDeclaration[] => {
  const cableEnds = new Set(links.flatMap(({ endpoints }) => endpoints.map(({ node, nic }) => `${node}:${nic}`)))
  return Object.entries(captures).map(([name, raw]) => {
    const text = typeof raw === 'string' ? raw : 'cable' in raw ? raw.cable : raw.nic
    const asked = typeof raw === 'string' ? undefined : 'cable' in raw ? 'cable' : 'nic'
    const at = asked === undefined ? [...path, name] : [...path, name, asked]
    const endpoint = parseEndpoint(text)
    if (!nodeNames.has(endpoint.node)) {
      report(at, {
        message: `cannot capture on ${text}: there is no node "${endpoint.node}"`,
        nearest: nearestWord(endpoint.node, nodeNames),
      })
    } else if (asked === 'cable' && !cableEnds.has(text)) {
      report(at, {
        message: `cannot capture on the cable at ${text}: no link ends there`,
        nearest: nearestWord(text, cableEnds),
        hint: cableEnds.size === 0 ? 'the lab has no links' : `the links end at ${[...cableEnds].join(', ')}`,
      })
    }
    return { name, ...endpoint, where: asked ?? (cableEnds.has(text) ? 'cable' : 'nic') }
  })
}
