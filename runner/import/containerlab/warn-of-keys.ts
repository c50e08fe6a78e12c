import type { Path } from '../../lab/text/diagnostics.ts'
import { asMapping, fieldOf } from '../../lab/text/mapping.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { FileRemarks } from '../remarks.ts'
import type { LevelsOf } from './levels.ts'

/** Keys of a node that are taken over, or that mean nothing where no container runs. */
const quiet: ReadonlySet<string> = new Set([
  ...['kind', 'group', 'image', 'exec', 'binds', 'env', 'sysctls', 'cmd', 'entrypoint', 'network-mode', 'type'],
  ...['labels', 'image-pull-policy', 'restart-policy', 'auto-remove', 'runtime', 'position', 'user', 'healthcheck'],
  ...['enforce-startup-config', 'suppress-startup-config', 'certificate', 'cap-add', 'devices', 'shm-size'],
])

/** Keys of a node that are not taken over, and what to do. */
const left: Readonly<Record<string, string>> = {
  ports: 'nothing of the host is touched: ask the server from a node of the lab',
  publish: 'nothing of the host is touched: ask the server from a node of the lab',
  'mgmt-ipv4': noManagement(),
  'mgmt-ipv6': noManagement(),
  mgmt_ipv4: noManagement(),
  mgmt_ipv6: noManagement(),
  'startup-config': 'containers of kind linux have none: copy a file by a step',
  license: 'machines need none',
  memory: "it bounds a container, a machine's is its own: add memory: 512M to the node",
  cpu: 'machines have one processor each',
  'cpu-set': 'machines have one processor each',
  dns: 'machines reach no server: let a step write /etc/resolv.conf',
  stages: 'steps are done in the order of the lab: move them',
  'startup-delay': 'steps are done in the order of the lab: move them',
  'env-files': 'write the variables into env, or into the steps',
  extras: 'it is for images of vendors',
  config: 'it is for images of vendors',
  components: 'it is for images of vendors',
  aliases: 'machines have no management network in which they know names',
}

function noManagement() {
  return 'no step sees a management network: add addresses to links'
}

const heads: ReadonlySet<string> = new Set(['name', 'prefix', 'topology', 'mgmt', 'settings', 'debug'])
const parts: ReadonlySet<string> = new Set(['nodes', 'links', 'kinds', 'groups', 'defaults'])

/** Says which keys of a topology file are not taken over, of the levels that a node uses. */
export function warnOfKeys(document: object, levelsOf: LevelsOf, { warn }: FileRemarks): void {
  const topology = fieldOf(document, 'topology')
  const unknown = (path: Path, key: string, known: Iterable<string>) =>
    warn(path, {
      message: `cannot take "${key}" over: an import knows no such key`,
      nearest: () => nearestWord(key, known),
      atKey: true,
    })
  for (const key of Object.keys(document)) if (!heads.has(key)) unknown([key], key, heads)
  if (fieldOf(document, 'mgmt') !== undefined)
    warn(['mgmt'], { message: 'cannot take "mgmt" over', hint: noManagement(), atKey: true })
  for (const key of Object.keys(asMapping(topology) ?? {})) if (!parts.has(key)) unknown(['topology', key], key, parts)
  const told = new Set<string>()
  for (const node of Object.keys(asMapping(fieldOf(topology, 'nodes')) ?? {}))
    for (const { path, mapping } of levelsOf(node)) {
      if (told.has(path.join('/'))) continue
      told.add(path.join('/'))
      for (const key of Object.keys(mapping)) {
        const hint = Object.hasOwn(left, key) ? left[key] : undefined
        if (hint !== undefined) warn([...path, key], { message: `cannot take "${key}" over`, hint, atKey: true })
        else if (!quiet.has(key)) unknown([...path, key], key, [...quiet, ...Object.keys(left)])
      }
    }
}
