import { createTerminalReporter } from '../../../reports/terminal/terminal.ts'
import { announceScope } from '../../announce-scope.ts'
import { usageError } from '../../errors.ts'
import { type NewEvent, renderDeath, stampTimes } from '../../events.ts'
import { ownCommand } from '../../host/own-command.ts'
import { noLock } from '../../host/processor-lock.ts'
import { roomOf } from '../../host/room.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import type { Lab, Variant } from '../../lab/lab.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import { planRun } from '../../plan.ts'
import { type AcceleratorWish, acceleratorWishes } from '../../providers/accelerator.ts'
import { listAllKept, providerNames } from '../../providers/index.ts'
import type { Provider } from '../../providers/provider.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { nodesOf } from '../../steps/nodes.ts'
import { runSteps } from '../../steps/steps.ts'
import { readProvider } from '../choose-provider.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments, readChoice } from '../options.ts'
import { provideImages } from '../provide-images.ts'

const help = `Usage: ${ownCommand('shell NAME[/VARIANT] [NODE] [-- OPTIONS]')}

Brings a lab up, does its steps without judging them, and gives a shell in a node (default: the lab's first machine).
The machines are gone when the shell ends. When the lab's machines were kept by an earlier run, the shell is in those,
and they stay.

Options:
  --until STEP          stop after the step with this name or id
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
`

/** Its options, as parseArgs takes them. */
export const options = {
  until: { type: 'string' },
  accel: { type: 'string' },
  provider: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Its files are for nobody, and gone with it. */
const roomBytes = 64e6

const shellInNode = ['bash', '-l'] as const

/** `npm run lab shell NAME [NODE]`. Returns the shell's exit code. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  const [name, wantedNode, ...more] = positionals
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  if (name === undefined || more.length > 0)
    throw usageError('cannot open a shell: expected a lab and perhaps a node', help)
  const accelerator = readChoice('accel', values.accel, acceleratorWishes)
  const provider = readProvider(values.provider)
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  const lab = selection?.lab
  const variant = lab?.variants.find((one) => selection?.variant === undefined || one.name === selection.variant)
  if (!lab || !variant) throw usageError(`cannot open a shell: ${name} is no lab`)
  const node = chooseNode(variant, wantedNode)
  checkStep(variant, values.until)

  const kept = (await listAllKept()).find((one) => one.lab === lab.name && one.variant === variant.name)
  if (kept?.isComplete && kept.machines.some(({ pid }) => pid !== undefined)) return kept.interact(node)
  return shellInFresh(lab, variant, node, { until: values.until, accelerator, provider }, context)
}

interface ShellOptions {
  readonly until: string | undefined
  readonly accelerator: AcceleratorWish
  readonly provider: Provider
}

async function shellInFresh(
  lab: Lab,
  variant: Variant,
  node: string,
  { until, accelerator, provider }: ShellOptions,
  { signal, stdout, colour, interactive }: CommandContext,
): Promise<number> {
  const { main, imagesOf } = await provideImages([{ lab, variant }], { signal, interactive, stream: stdout })
  const { admit, bringUp } = await readyProvider(provider, {
    image: main,
    accelerator,
    keep: false,
    signal,
    onProgress: (message) => stdout.write(`${message}\n`),
  })
  // Should this process be killed, the next one removes it.
  const runtime = makeRuntimeFolder()
  const folder = runtime.path
  const report = createTerminalReporter(stdout, {
    colour,
    interactive: false,
    columns: stdout.columns ?? 100,
    verbose: true,
  })
  const scope = `${lab.name}/${variant.name}`
  const emit = stampTimes(report)
  try {
    const plan = planRun(lab.name, variant)
    await admit(plan, signal)
    const testbed = await bringUp(plan, {
      logs: folder,
      signal,
      images: imagesOf({ lab, variant }),
      onReady: (machine, durationMs) => stdout.write(`${machine} up after ${(durationMs / 1000).toFixed(1)} s\n`),
      onDeath: (machine, death) => stdout.write(`${renderDeath({ machine, ...death })}\n`),
    })
    try {
      emit({ ...announceScope({ name: scope, lab, variant, repetition: 1, folder }), scope })
      const { broken } = await runSteps({
        variant,
        testbed,
        folder,
        folderInResults: folder,
        room: roomOf(roomBytes),
        signal,
        processors: noLock,
        emit: (event) => emit({ ...event, scope } as NewEvent),
        onlyDo: true,
        ...(until === undefined ? {} : { untilStep: until }),
      })
      if (broken !== undefined) stdout.write(`${broken}, and later steps were not done: ${asItIs}\n`)
      // Without its machine the shell ends, and with it the waiting for it.
      signal.addEventListener('abort', () => void testbed.tearDown(), { once: true })
      const nodes = nodesOf(variant, testbed, signal)
      const exitCode = await nodes.machineOf(node).interact(nodes.argvOn(node, shellInNode))
      signal.throwIfAborted()
      return exitCode
    } finally {
      await testbed.tearDown()
    }
  } finally {
    runtime.remove()
  }
}

const asItIs = 'the machines are as it left them, for you to look at'

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
