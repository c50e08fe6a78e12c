import type { CrashCase, ExpectedCrash } from '../lab.ts'
import type { Path } from '../text/diagnostics.ts'
import { listNames } from '../text/list-names.ts'
import { fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import type { DeclaredTopology, FilledStep, VariantContext } from './variant-context.ts'

/** The key under which a lab, or a step of it, says what crashes on purpose. */
const key = 'expects-crash'

/** One case for each machine: that nothing crashed on it but what the lab, or a step of the variant, says. */
export function readCrashCases(
  root: unknown,
  steps: readonly FilledStep[],
  { nodes, nodeNames }: DeclaredTopology,
  context: VariantContext,
): readonly CrashCase[] {
  const holders = new Map(nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name]))
  const places = [
    { path: [key], list: fieldOf(root, key) },
    ...steps.map(({ index, filled }) => ({ path: ['steps', index, key], list: fieldOf(filled.value, key) })),
  ]
  const expected = places.flatMap(({ path, list }) =>
    textsOf(list).flatMap((text, at): (ExpectedCrash & { readonly path: Path; readonly machine: string })[] => {
      const [node = '', what] = text.split(':')
      const machine = holders.get(node)
      if (machine !== undefined) return [{ ...(what === undefined ? {} : { what }), machine, path: [...path, at] }]
      if (!nodeNames.has(node))
        context.report([...path, at], {
          message: `cannot expect a crash on "${node}": no node has this name`,
          nearest: () => nearestWord(node, nodeNames),
          hint: () => `the nodes are ${listNames(nodeNames)}`,
        })
      return []
    }),
  )
  const byMachine = Map.groupBy(expected, ({ machine }) => machine)
  return nodes
    .filter(({ namespaceOf }) => namespaceOf === undefined)
    .map(({ name }) => {
      const own = byMachine.get(name) ?? []
      return makeCase(name, own, own[0]?.path ?? ['nodes', name], context)
    })
}

/** What has another shape is reported where its key is checked. */
const textsOf = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []

function makeCase(machine: string, expected: readonly ExpectedCrash[], path: Path, context: VariantContext): CrashCase {
  const words = [...new Set(expected.map(({ what }) => what))]
  const isAnything = words.includes(undefined)
  const claim =
    words.length === 0
      ? `nothing crashed on ${machine}`
      : isAnything
        ? `something crashed on ${machine}`
        : `only ${words.join(' and ')} crashed on ${machine}`
  return {
    caseName: claim,
    claim,
    assertion: 'no-crash',
    wanted: claim,
    question: `Did anything crash on ${machine}?`,
    source: context.sourceOf(path),
    machine,
    expected: words.map((what) => (what === undefined ? {} : { what })),
  }
}
