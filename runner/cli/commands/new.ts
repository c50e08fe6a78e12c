import { lstatSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { attempt, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { labFileName } from '../../lab/text/read-lab-file.ts'
import type { CommandContext } from '../command.ts'
import { shippedLabs } from '../labs-folder.ts'
import { readArguments } from '../options.ts'

const help = `Usage: ${ownCommand('new NAME')}

Writes a small lab that runs, with the line by which editors know its keys: labs/NAME/lab.yaml, or PATH/lab.yaml when a
path is named (./PATH). A file that is there already is left as it is.
`

/** Its options, as parseArgs takes them. */
export const options = { help: { type: 'boolean', short: 'h', default: false } } as const

/** `npm run lab new NAME`. */
export async function command(args: readonly string[], { stdout }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    stdout.write(help)
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot write a lab: expected its name', help)
  if (!/(^|\/)[A-Za-z0-9][\w.-]*\/*$/.test(name))
    throw usageError(
      `cannot call a lab ${JSON.stringify(name)}`,
      'expected letters, digits, "-", "." and "_", the first no sign',
    )
  const folder = resolve(name.includes('/') ? name : join('labs', name))
  const file = join(folder, labFileName)
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw usageError(`cannot write ${file}: it is there already`, 'name another lab, or remove that one')
  attempt(`make ${folder}`, () => mkdirSync(folder, { recursive: true }))
  attempt(`write ${file}`, () => writeFileSync(file, renderLab(schemaSeenFrom(folder)), { flag: 'wx' }))
  stdout.write(`${relative('', file)}\nTo run it: ${ownCommand(`run ${name}`)}\n`)
  return 0
}

/**
 * The way to the schema from a lab's folder: by the node_modules that have this package, or within it. A package that
 * lies anywhere else is named by its whole path, as it doesn't move along with the lab.
 */
function schemaSeenFrom(folder: string): string {
  const schema = join(shippedLabs, 'lab.schema.json')
  const installed = upFrom(folder)
    .map((above) => join(above, 'node_modules', 'wirelab', 'labs', 'lab.schema.json'))
    .find((path) => realPath(path) === realPath(schema))
  if (installed !== undefined) return relative(folder, installed)
  const isInside = !/^\.\.(\/|$)/.test(relative(dirname(shippedLabs), folder))
  return isInside ? relative(folder, schema) : schema
}

const upFrom = (folder: string): readonly string[] =>
  dirname(folder) === folder ? [folder] : [folder, ...upFrom(dirname(folder))]

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

const renderLab = (schema: string) => `# yaml-language-server: $schema=${schema}
title: Two machines and a cable
summary: |
  What a machine sends at one end of a cable comes out at the other, once both ends are up and have addresses.
nodes:
  left: { address: 10.0.0.1 }
  right: { address: 10.0.0.2 }
links:
  - endpoints: [left:eth1, right:eth1]

steps:
  - name: One end
    on: left
    run: |
      ip addr add 10.0.0.1/24 dev eth1
      ip link set eth1 up
    expect:
      - ping: { from: left, to: right, is: unreachable }

  - name: The other end
    id: other-end
    on: right
    run: |
      ip addr add 10.0.0.2/24 dev eth1
      ip link set eth1 up
    expect:
      - ping: { from: left, to: right, is: reachable }

# Mistakes that the lab must notice: they show that its claims can fail.
mutations:
  - name: the other end stays down
    instead: { step: other-end, run: ip addr add 10.0.0.2/24 dev eth1 }
    caught-by: [The other end]
`
