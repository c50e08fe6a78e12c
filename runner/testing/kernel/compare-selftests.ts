import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodes, machineryError, withRemedy } from '../../errors.ts'
import { cacheFolder, makeCacheFolder } from '../../host/cache.ts'
import { runAsRoot } from '../../host/run-as-root.ts'
import { type Image, openImage } from '../../image/image.ts'
import { hostMirrors } from '../../image/mirrors.ts'
import type { Variant } from '../../lab/lab.ts'
import { planRun } from '../../plan.ts'
import type { Machine } from '../../providers/provider.ts'
import { qemuProvider } from '../../providers/qemu/qemu-provider.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { differencesOf, isBroken, type Outcomes, parseOutcomes, renderCounts } from './outcomes.ts'

// Runs scripts of the kernel's own selftests (tools/testing/selftests/net/forwarding) in two machines, in one on veths and
// in the other on cables that join its own NICs, and prints where they differ. Arguments: scripts; else those below.

const scripts = [
  ...['router_nh', 'router_vid_1', 'router_bridge', 'router_bridge_vlan', 'router_broadcast', 'bridge_port_isolation'],
  ...['bridge_locked_port', 'bridge_mdb', 'bridge_mdb_port_down', 'bridge_sticky_fdb', 'tc_vlan_modify'],
  ...['ipip_flat_gre', 'ipip_flat_gre_key', 'ipip_hier_gre', 'ip6gre_flat', 'bridge_vlan_unaware', 'bridge_vlan_aware'],
]
/** Why a script differs, where that is known and meant. */
const explained: Readonly<Record<string, string>> = {
  bridge_mdb_port_down:
    'it counts at a NIC that joined no group, and passes where that takes all multicast; see docs/cables.md',
}
const kinds = ['veths', 'cables'] as const
type Kind = (typeof kinds)[number]

/** The NICs of a machine, of which each two neighbours are joined. */
const nics = ['eth1', 'eth2', 'eth3', 'eth4', 'eth5', 'eth6', 'eth7', 'eth8']
const variant: Variant = {
  ...{ name: 'default', values: {}, steps: [], crashCases: [] },
  nodes: kinds.map((name) => ({ name })),
  // Both machines have them, so that they are copies of one template.
  links: kinds.flatMap((node) =>
    [0, 2, 4, 6].map((first) => {
      const [a = '', b = ''] = nics.slice(first)
      return {
        endpoints: [
          { node, nic: a },
          { node, nic: b },
        ] as const,
      }
    }),
  ),
}
const scriptMs = 20 * 60_000
const packMs = 20 * 60_000
const { signal } = new AbortController()

await main(process.argv.slice(2)).catch((error: unknown) => {
  note(withRemedy(error))
  process.exitCode = exitCodes.machinery
})

async function main(words: readonly string[]): Promise<void> {
  const image = await openImage()
  const pack = readFileSync(await providePack(image))
  const chosen = words.length > 0 ? words : scripts
  const logs = mkdtempSync(join(tmpdir(), 'wirelab-kernel-'))
  const wishes = { image, accelerator: 'auto', keep: false, signal, onProgress: note } as const
  const provider = await readyProvider(qemuProvider, wishes)
  const testbed = await provider.bringUp(planRun('kernel', variant), {
    ...{ logs, signal, onReady: () => {} },
    onDeath: (machine, { reason }) => note(`${machine} died: ${reason}`),
  })
  try {
    const [veths = [], cables = []] = await Promise.all(
      kinds.map((kind) => runScripts(testbed.machine(kind), kind, chosen, pack)),
    )
    process.exitCode = printTable(chosen, veths, cables)
  } finally {
    await testbed.tearDown()
    rmSync(logs, { recursive: true, force: true })
  }
}

/** Finds the selftests of an image's kernel, and the frame generator that they use, or fetches them as Debian has them. */
async function providePack({ manifest }: Image): Promise<string> {
  const { suite, kernel } = manifest
  const folder = join(cacheFolder(), 'selftests')
  const file = join(folder, `${kernel.release}.tar.gz`)
  if (existsSync(file)) return file
  note("fetching the kernel's selftests")
  makeCacheFolder(folder)
  const script = join(import.meta.dirname, 'fetch-selftests.sh')
  const version = /^\d+\.\d+/.exec(kernel.release)?.[0] ?? kernel.release
  await runAsRoot(['sh', script, file, suite, version, ...(await hostMirrors(suite, signal))], { timeoutMs: packMs })
  return file
}

/** Runs scripts one after the other, on veths that they make or on the machine's NICs. */
async function runScripts(machine: Machine, kind: Kind, chosen: readonly string[], pack: Uint8Array) {
  const sh = (script: string, timeoutMs: number, stdin?: Uint8Array) =>
    machine.run(['bash', '-c', script], { timeoutMs, ...(stdin ? { stdin } : {}) })
  const ports = nics.map((nic, index) => `NETIFS[p${index + 1}]=${kind === 'veths' ? nic.replace('eth', 'veth') : nic}`)
  const config = ['declare -A NETIFS', ...ports, `NETIF_CREATE=${kind === 'veths' ? 'yes' : 'no'}`, 'PING6=ping'].join(
    '\n',
  )
  const unpack = `tar -xz -C / --skip-old-files && ldconfig && echo '${config}' >/selftests/net/forwarding/forwarding.config`
  const { exitCode, stderr } = await sh(unpack, packMs, pack)
  if (exitCode !== 0) throw machineryError(`cannot unpack the selftests: ${stderr.trim()}`)
  const all: Outcomes[] = []
  for (const script of chosen) {
    const done = await sh(`cd /selftests/net/forwarding && exec ./${script}.sh`, scriptMs)
    const outcomes = parseOutcomes(done.stdout, done.exitCode)
    note(`${kind}: ${script}: ${renderCounts(outcomes)} in ${Math.round(done.durationMs / 1000)} s`)
    all.push(outcomes)
  }
  return all
}

/** Returns the exit code: 1 where the two differ for no known reason, or a script came to no test. */
function printTable(chosen: readonly string[], veths: readonly Outcomes[], cables: readonly Outcomes[]): number {
  const line = (...cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
  let [different, broken] = [0, 0]
  line('script', 'veths', 'cables', 'differs (veths, cables)')
  line('---', '---', '---', '---')
  for (const [index, script] of chosen.entries()) {
    const [a, b] = [veths[index] ?? new Map(), cables[index] ?? new Map()]
    const differences = differencesOf(a, b)
    const why = explained[script]
    if (why === undefined) different += differences.length
    broken += [a, b].some(isBroken) ? 1 : 0
    const words = differences.map(([name, left, right]) => `${name} (${left}, ${right})`)
    line(script, renderCounts(a), renderCounts(b), [...words, ...(words.length > 0 && why ? [why] : [])].join('; '))
  }
  process.stdout.write(
    `\n${chosen.length} scripts, ${different} tests differ for no known reason, ${broken} scripts broke\n`,
  )
  return different + broken === 0 ? exitCodes.passed : exitCodes.failed
}

function note(message: string): void {
  process.stderr.write(`${message}\n`)
}
