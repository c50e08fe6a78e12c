import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTerminalReporter } from '../../../reports/terminal/terminal.ts'
import { usageError } from '../../errors.ts'
import type { NewEvent, RunEvent } from '../../events.ts'
import { noLock } from '../../host/processor-lock.ts'
import { openImage } from '../../image/image.ts'
import type { Variant } from '../../lab/lab.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import { planRun } from '../../plan.ts'
import { isUp, type Kept, listKept } from '../../providers/qemu/kept.ts'
import { chooseAccelerator } from '../../providers/qemu/kvm-probe.ts'
import { nodesOf } from '../../steps/nodes.ts'
import { runSteps } from '../../steps/steps.ts'
import { connectSsh } from '../../transports/ssh.ts'
import { chooseProvider, demandProvider, providerNames } from '../choose-provider.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments, readChoice } from '../options.ts'

const help = `Usage: npm run lab shell NAME[/VARIANT] [NODE] [-- OPTIONS]

Brings a lab up, does its steps without judging them, and gives a shell in a node (default: the lab's first machine).
The machines are gone when the shell ends. When the lab's machines were kept by an earlier run, the shell is in those,
and they stay.

Options:
  --until STEP          stop after the step with this name or id
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider qemu|vagrant
                        what makes the machines (default: qemu)
`

const options = {
  until: { type: 'string' },
  accel: { type: 'string' },
  provider: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const shellInNode = ['bash', '-l'] as const

/** `npm run lab shell NAME [NODE]`. Returns the shell's exit code. */
export async function shellCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  const [name, wantedNode, ...more] = positionals
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  if (name === undefined || more.length > 0)
    throw usageError('cannot open a shell: expected a lab and perhaps a node', help)
  const accel = readChoice('accel', values.accel, ['auto', 'kvm', 'tcg'])
  const provider = readChoice('provider', values.provider, providerNames)
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  const lab = selection?.lab
  const variant = lab?.variants.find((one) => selection?.variant === undefined || one.name === selection.variant)
  if (!lab || !variant) throw usageError(`cannot open a shell: ${name} is no lab`)
  const node = chooseNode(variant, wantedNode)
  checkStep(variant, values.until)

  const kept = listKept().find((one) => one.kept.lab === lab.name && one.kept.variant === variant.name)?.kept
  if (kept?.machines.some(isUp)) return shellInKept(kept, node)
  return shellInFresh(lab.name, variant, node, { until: values.until, accel, provider }, context)
}

async function shellInKept(kept: Kept, node: string): Promise<number> {
  const machine = kept.machines.find(({ name }) => name === kept.nodes[node])
  if (!machine) throw usageError(`cannot open a shell: no machine that was kept holds ${node}`)
  const connection = await connectSsh(
    {
      host: '127.0.0.1',
      port: machine.port,
      user: 'root',
      clientKey: readFileSync(kept.clientKey),
      hostKey: kept.hostKey,
    },
    30_000,
  )
  const inNode = machine.name === node ? shellInNode : (['ip', 'netns', 'exec', node, ...shellInNode] as const)
  try {
    return await connection.interact(inNode, { input: process.stdin, output: process.stdout })
  } finally {
    connection.close()
  }
}

interface ShellOptions {
  readonly until: string | undefined
  readonly accel: 'auto' | 'kvm' | 'tcg'
  readonly provider: (typeof providerNames)[number]
}

async function shellInFresh(
  lab: string,
  variant: Variant,
  node: string,
  { until, accel, provider: providerName }: ShellOptions,
  { signal, stdout, colour, interactive }: CommandContext,
): Promise<number> {
  const startedMs = performance.now()
  const image = await openImage()
  await demandProvider(providerName, { image, keep: false })
  const { accelerator } = await chooseAccelerator(image, accel, signal)
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-shell-'))
  const report = createTerminalReporter(stdout, { colour, interactive, columns: stdout.columns ?? 100, verbose: true })
  const scope = `${lab}/${variant.name}`
  const emit = (event: NewEvent) => report({ ...event, at: performance.now() - startedMs } as RunEvent)
  const provider = await chooseProvider(providerName, {
    image,
    accelerator,
    keep: false,
    onProgress: (message) => stdout.write(`${message}\n`),
  })
  try {
    const testbed = await provider.bringUp(planRun(lab, variant), {
      logs: folder,
      signal,
      onReady: (machine, durationMs) => stdout.write(`${machine} up after ${(durationMs / 1000).toFixed(1)} s\n`),
      onDeath: (machine, reason) => stdout.write(`machine ${machine} died: ${reason}\n`),
    })
    try {
      await runSteps({
        variant,
        testbed,
        folder,
        folderInResults: folder,
        signal,
        processors: noLock,
        emit: (event) => emit({ ...event, scope } as NewEvent),
        onlyDo: true,
        ...(until === undefined ? {} : { untilStep: until }),
      })
      // Without its machine the shell ends, and with it the waiting for it.
      signal.addEventListener('abort', () => void testbed.tearDown(), { once: true })
      const nodes = nodesOf(variant, testbed)
      return await nodes.machineOf(node).interact(nodes.argvOn(node, shellInNode))
    } finally {
      await testbed.tearDown()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function chooseNode(variant: Variant, wanted: string | undefined): string {
  const names = variant.nodes.map(({ name }) => name)
  const first = variant.nodes.find(({ namespaceOf }) => namespaceOf === undefined)?.name ?? ''
  if (wanted === undefined || names.includes(wanted)) return wanted ?? first
  const nearest = nearestWord(wanted, names)
  throw usageError(
    `cannot open a shell in ${wanted}: the lab has no such node`,
    `${nearest ? `did you mean "${nearest}"? ` : ''}its nodes are ${names.join(', ')}`,
  )
}

function checkStep(variant: Variant, wanted: string | undefined): void {
  if (wanted === undefined || variant.steps.some(({ name, id }) => wanted === name || wanted === id)) return
  const words = variant.steps.flatMap(({ name, id }) => (id ? [name, id] : [name]))
  throw usageError(
    `cannot stop after "${wanted}": the lab has no such step`,
    `its steps are ${words.map((word) => `"${word}"`).join(', ')}`,
  )
}
