import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { asMapping, fieldOf } from '../../lab/text/mapping.ts'
import { parseYaml, plainOf } from '../../lab/text/yaml-tree.ts'
import { topologyFolder } from '../folder.ts'
import type { Importer, Topology } from '../importer.ts'
import { nodeNames } from '../names.ts'
import { fillVariables } from './fill-variables.ts'
import { type LevelsOf, levelsIn } from './levels.ts'
import { readLinks } from './read-links.ts'
import { readNode } from './read-node.ts'
import { warnOfKeys } from './warn-of-keys.ts'

const fileNames = /(\.clab\.ya?ml|^(clab|topology|topo)\.ya?ml)$/

/** Containerlab's topology files; https://containerlab.dev/manual/topo-def-file/ describes them. */
export const containerlab: Importer = {
  name: 'containerlab',
  fileAt(path) {
    const file = resolve(path)
    if (!statSync(file, { throwIfNoEntry: false })?.isDirectory())
      return /\.ya?ml$/.test(file) && existsSync(file) ? file : undefined
    const found = readdirSync(file).filter((name) => fileNames.test(name))
    return found.length === 1 ? join(file, found[0] ?? '') : undefined
  },

  read(file, text, remarks): Topology {
    const { tree, mistakes } = parseYaml(text)
    const report = remarks.on(file, text, tree)
    for (const { span, ...mistake } of mistakes) report.errorAt(span, mistake)
    const document = tree === undefined ? undefined : asMapping(fillVariables(plainOf(tree), report.warn))
    const topology = asMapping(fieldOf(document, 'topology'))
    const nodes = asMapping(fieldOf(topology, 'nodes'))
    const folder = dirname(file)
    const name = nameOf(document, file)
    const empty = { name, summary: summaryOf(file), machines: [], segments: [] }
    if (topology === undefined || nodes === undefined || Object.keys(nodes).length === 0) {
      if (mistakes.length === 0)
        report.error([], {
          message: 'cannot import a topology without nodes',
          hint: 'expected topology: and in it nodes:',
        })
      return empty
    }
    const levelsOf: LevelsOf = levelsIn(topology)
    warnOfKeys(document ?? {}, levelsOf, report)
    const nameNode = nodeNames()
    const names = new Map(Object.keys(nodes).map((node) => [node, nameNode(node)]))
    const context = { report, names, levelsOf, nodes: Object.keys(nodes), folder: topologyFolder(folder), lab: name }
    const links = readLinks(fieldOf(topology, 'links'), context)
    const machines = context.nodes.map((node) => readNode(node, links.lines.get(node) ?? [], context))
    return { ...empty, machines, segments: links.segments }
  },
}

const nameOf = (document: unknown, file: string): string => {
  const name = fieldOf(document, 'name')
  return typeof name === 'string' && name !== '' ? name : basename(file).replace(/(\.clab)?\.ya?ml$/, '')
}

const summaryOf = (file: string) => `Imported from containerlab's ${basename(file)}.`
