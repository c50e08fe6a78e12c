import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { attempt, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { labToWrite } from '../lab-to-write.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('new NAME')}

Writes a small lab that runs, with the line by which editors know its keys: labs/NAME/lab.yaml, or PATH/lab.yaml when a
path is named (./PATH). A file that is there already is left as it is.
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab new NAME`. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot write a lab: expected its name', help)
  const { folder, file, schema } = labToWrite(name)
  attempt(`make ${folder}`, () => mkdirSync(folder, { recursive: true }))
  attempt(`write ${file}`, () => writeFileSync(file, renderLab(schema), { flag: 'wx' }))
  stdout.write(`${relative('', file)}\nTo run it: ${ownCommand(`run ${name}`)}\n`)
  return 0
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
