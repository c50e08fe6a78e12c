import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { usageError } from '../../errors.ts'
import { runtimeRoot, startOf } from '../../host/runtime-folder.ts'
import type { Plan } from '../../plan.ts'
import type { KeptLab } from '../provider.ts'

/** What is written down of a lab whose machines were left up. */
interface KeptRecord {
  readonly lab: string
  readonly variant: string
  readonly since: string
  readonly machines: readonly KeptMachine[]
  readonly nodes: Readonly<Record<string, string>>
  /** Path of the private key that logs in, and the machines' only acceptable host key. */
  readonly clientKey: string
  readonly hostKey: string
}

interface KeptMachine {
  readonly name: string
  readonly pid: number
  /** What distinguishes this process from a later one with the same number. */
  readonly start: string
  /** Port on 127.0.0.1 of its SSH server. */
  readonly port: number
}

const fileName = 'kept.json'

/** Writes down in a runtime folder that its machines are kept. */
export function recordKept(
  folder: string,
  { lab, variant }: Plan,
  machines: readonly Omit<KeptMachine, 'start'>[],
  { clientKey, hostKey }: Pick<KeptRecord, 'clientKey' | 'hostKey'>,
): void {
  const kept: KeptRecord = {
    lab,
    variant: variant.name,
    since: new Date().toISOString(),
    machines: machines.map((machine) => ({ ...machine, start: startOf(machine.pid) })),
    nodes: Object.fromEntries(variant.nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name])),
    clientKey,
    hostKey,
  }
  writeFileSync(join(folder, fileName), JSON.stringify(kept))
}

/** All labs kept by this user, the oldest first. */
export const listKept = async (): Promise<readonly KeptLab[]> =>
  foldersIn(runtimeRoot())
    .flatMap((folder) => {
      try {
        return [keptLab(folder, JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as KeptRecord)]
      } catch {
        return []
      }
    })
    .sort((a, b) => a.since.localeCompare(b.since))

const keptLab = (folder: string, record: KeptRecord): KeptLab => ({
  ...record,
  machines: record.machines.map((machine) => ({ ...machine, isUp: isUp(machine) })),
  end() {
    for (const machine of record.machines) if (isUp(machine)) process.kill(machine.pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  },
  interact: (node) => shellIn(record, node),
})

const isUp = ({ pid, start }: KeptMachine) => start !== '' && startOf(pid) === start

const shell = ['bash', '-l'] as const
const logInMs = 30_000

async function shellIn({ machines, nodes, clientKey, hostKey }: KeptRecord, node: string): Promise<number> {
  const machine = machines.find(({ name }) => name === nodes[node])
  if (!machine) throw usageError(`cannot open a shell: no machine that was kept holds ${node}`)
  const { connectSsh } = await import('../../transports/ssh.ts')
  const address = { host: '127.0.0.1', port: machine.port, user: 'root', clientKey: readFileSync(clientKey), hostKey }
  const connection = await connectSsh(address, logInMs)
  const inNode = machine.name === node ? shell : (['ip', 'netns', 'exec', node, ...shell] as const)
  try {
    return await connection.interact(inNode, { input: process.stdin, output: process.stdout })
  } finally {
    connection.close()
  }
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root).map((name) => join(root, name))
  } catch {
    return []
  }
}
