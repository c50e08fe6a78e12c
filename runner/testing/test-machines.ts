import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { openImage } from '../image/image.ts'
import type { Variant } from '../lab/lab.ts'
import { planRun } from '../plan.ts'
import type { Testbed } from '../providers/provider.ts'
import { qemuProvider } from '../providers/qemu/qemu-provider.ts'
import { readyProvider } from '../providers/ready-provider.ts'

/** Two machines with two cables between them; the second joins the NICs crosswise, eth2 to eth1. */
export const pair: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'left' }, { name: 'right' }],
  links: [
    {
      endpoints: [
        { node: 'left', nic: 'eth1' },
        { node: 'right', nic: 'eth2' },
      ],
    },
    {
      endpoints: [
        { node: 'left', nic: 'eth2' },
        { node: 'right', nic: 'eth1' },
      ],
    },
  ],
  steps: [],
  crashCases: [],
}

/** Machines that are up, for a test. */
export interface Up {
  readonly testbed: Testbed
  readonly logs: string
  readonly deaths: string[]
  /** Output of a shell command on a machine. */
  sh(machine: string, script: string): Promise<string>
}

/** Brings the two machines up, or those of another variant, until the test ends. */
export async function bringUp(t: ExecutionContext, variant = pair): Promise<Up> {
  const signal = new AbortController().signal
  const image = await openImage()
  const logs = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  const deaths: string[] = []
  const wishes = { image, accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
  const provider = await readyProvider(qemuProvider, wishes)
  const testbed = await provider.bringUp(planRun('pair', variant), {
    logs,
    signal,
    onReady: () => {},
    onDeath: (machine) => deaths.push(machine),
  })
  t.teardown(async () => {
    await testbed.tearDown()
    rmSync(logs, { recursive: true, force: true })
  })
  const sh = async (machine: string, script: string) => {
    const { stdout } = await testbed.machine(machine).run(['bash', '-c', script], { timeoutMs: 20_000 })
    return stdout.trim()
  }
  return { testbed, logs, deaths, sh }
}
