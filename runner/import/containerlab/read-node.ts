import { posix } from 'node:path'
import { shellLine, shellWord } from '../../host/shell-words.ts'
import type { TopologyFolder } from '../folder.ts'
import { imageWords, packagesFor } from '../images.ts'
import type { ImportedFile, ImportedMachine } from '../importer.ts'
import type { FileRemarks } from '../remarks.ts'
import { lineOf, splitWords } from '../shell-lines.ts'
import { entriesOf, itemsOf, type Level, type LevelsOf, type Setting, settingOf } from './levels.ts'

/** What nodes and links of a topology are read with. */
export interface NodesContext {
  readonly report: FileRemarks
  /** The nodes' names in the lab. */
  readonly names: ReadonlyMap<string, string>
  readonly nodes: readonly string[]
  readonly levelsOf: LevelsOf
  readonly folder: TopologyFolder
  /** The topology's name. */
  readonly lab: string
}

const bridges: ReadonlySet<unknown> = new Set(['bridge', 'ovs-bridge'])

/** Reads a node with what it inherits; `lines` is what its links say of it. Mistakes are reported. */
export function readNode(node: string, lines: readonly string[], context: NodesContext): ImportedMachine {
  const { report, names, levelsOf } = context
  const levels = levelsOf(node)
  const name = names.get(node) ?? node
  const none = { name, packages: [], files: [], commands: [] }
  if (name !== node)
    report.warn(['topology', 'nodes', node], { message: `cannot keep the name "${node}": it is ${name}`, atKey: true })
  const kind = settingOf(levels, 'kind')
  if (bridges.has(kind?.value)) return { ...none, isSwitch: true }
  if (kind?.value !== 'linux') {
    report.error(kind?.path ?? ['topology', 'nodes', node], {
      message:
        kind === undefined
          ? `cannot import node "${node}": it has no kind`
          : `cannot import node "${node}": kind ${kind.value} is none of linux, bridge and ovs-bridge`,
      hint: 'machines are Debian: a router may be one with BIRD, or with FRR where the image has it',
      atKey: kind === undefined,
    })
    return none
  }
  refuseForeignNetwork(node, levels, context)
  const image = settingOf(levels, 'image')
  const words = typeof image?.value === 'string' ? imageWords(image.value) : undefined
  if (image !== undefined && words !== undefined) report.warn(image.path, words)
  const packages = typeof image?.value === 'string' ? packagesFor(image.value) : []
  const exec = itemsOf(levels, 'exec').flatMap((setting) => readExec(setting, context))
  const stays = readProcess(levels, context)
  const sysctls = Array.from(
    entriesOf(levels, 'sysctls'),
    ([key, { value }]) => `sysctl -w ${shellWord(`${key}=${value}`)}`,
  )
  const env = Array.from(
    entriesOf(levels, 'env'),
    ([key, { value }]) => `export ${key}=${shellWord(String(value ?? ''))}`,
  )
  return {
    name,
    packages: packages === 'unknown' ? [] : packages,
    files: itemsOf(levels, 'binds').flatMap((setting) => readBind(node, setting, context)),
    commands: [...lines, ...sysctls, ...(exec.length > 0 ? env : []), ...exec],
    ...(stays === undefined ? {} : { stays: [...env, stays].join('\n') }),
  }
}

function refuseForeignNetwork(node: string, levels: readonly Level[], { report }: NodesContext): void {
  const mode = settingOf(levels, 'network-mode')
  if (mode === undefined || mode.value === 'none' || mode.value === 'bridge') return
  report.error(mode.path, {
    message: `cannot import node "${node}": its network is that of ${mode.value}`,
    hint: 'let the steps of one node do what both did',
  })
}

/** Containers have a default route by the management network, which topologies remove first. */
const removesDefault = /^ip (-[46] )?r(o(u(te?)?)?)? del(ete)? (default|0\.0\.0\.0\/0)\b/
const installs = /\b(apk add|apt(-get)? (-\S+ )*install|(yum|dnf|pip3?) install|apt(-get)? (-\S+ )*update)\b/

function readExec({ value, path }: Setting, { report }: NodesContext): readonly string[] {
  const line = typeof value === 'string' ? value : ''
  const words = splitWords(line)
  if (words === undefined || words.length === 0) {
    report.error(path, { message: 'cannot import a command: expected words, with each quote closed' })
    return []
  }
  if (removesDefault.test(line)) {
    report.warn(path, {
      message: `cannot do "${line}": there is no default route`,
      hint: 'machines have none but what steps give them: it is left out',
    })
    return []
  }
  if (installs.test(line)) {
    report.warn(path, {
      message: `cannot do "${line}": machines reach no mirror`,
      hint: 'the image has to have what the lab needs: it is left out',
    })
    return []
  }
  return [lineOf(line, words)]
}

/** What keeps a container from ending, and does nothing else. */
const idle = /^((\/usr)?\/s?bin\/)?(sh|ash|bash|zsh|init|sleep (\d+|infinity)|tail -f \/dev\/null)$/

function readProcess(levels: readonly Level[], { report }: NodesContext): string | undefined {
  const settings = ['entrypoint', 'cmd'].map((key) => settingOf(levels, key)).filter((setting) => setting !== undefined)
  const words = settings.map(({ value }) => splitWords(String(value)))
  const open = settings.find((_, at) => words[at] === undefined)
  if (open !== undefined) report.error(open.path, { message: 'cannot import a command: a quote is not closed' })
  const all = words.flatMap((some) => some ?? [])
  return all.length === 0 || idle.test(all.join(' ')) ? undefined : `exec ${shellLine(all)}`
}

/** What of a host containers are given because they lack a system of their own. */
const ofSystem =
  /^\/(lib\/modules|usr\/(src|lib\/modules)|dev|proc|sys|run|var\/run|etc\/(localtime|timezone|resolv\.conf))(\/|$)/

function readBind(node: string, { value, path }: Setting, context: NodesContext): readonly ImportedFile[] {
  const { report, folder, lab } = context
  const [host = '', to = ''] = String(value).split(':')
  const refuse = (cause: string, hint: string): readonly ImportedFile[] => {
    report.error(path, { message: `cannot copy "${host}": ${cause}`, hint })
    return []
  }
  if (to === '') return []
  if (!to.startsWith('/') || /\p{Cc}/u.test(to))
    return refuse('expected an absolute path in the container', 'as in file:/etc/file')
  if (ofSystem.test(host)) {
    report.warn(path, { message: `cannot copy "${host}": it is the host's`, hint: 'a machine has its own' })
    return []
  }
  if (host.startsWith('~')) return refuse('it lies outside of the folder of the topology', besideIt)
  const from = host.replaceAll('__clabNodeDir__', `clab-${lab}/${node}`).replaceAll('__clabDir__', `clab-${lab}`)
  const files = folder.filesAt(posix.normalize(from), posix.normalize(to).replace(/\/$/, ''))
  return typeof files === 'string' ? refuse(files, besideIt) : files
}

const besideIt = 'put it beside the topology'
