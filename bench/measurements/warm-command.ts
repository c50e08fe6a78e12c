import type { Measurement, Sample } from '../measurement.ts'
import { type LabProcesses, processorMsOf } from '../processes.ts'
import type { TimedEvent } from '../read-events.ts'
import { holdStep, type LabStep, runLab } from '../run-lab.ts'
import type { Tree } from '../run-npm.ts'
import { summarize } from '../statistics.ts'

const commands = ['true', 'ip link']
const times = 20
const kinds = ['wall', 'CPU of the machine', 'CPU of the runner'] as const

/** What a further command costs in a machine in which it has been given before. */
export const warmCommand: Measurement = {
  name: 'warm-command',
  what: `a command that was given before, ${commands.join(' and ')}: until its end, and processor time`,
  rounds: 3,
  figures: commands.flatMap((command) => kinds.map((kind) => ({ name: `${command}: ${kind}`, unit: 'ms' }) as const)),
  isQuick: true,
  sample,
}

async function sample(tree: Tree, signal: AbortSignal): Promise<Sample> {
  const again = (command: string, count: number) =>
    Array.from({ length: count }, (_, at): LabStep => ({ name: `${command} ${at}`, on: 'm0', run: command }))
  const steps = [
    ...commands.flatMap((command) => again(command, 3)),
    holdStep('before'),
    ...commands.flatMap((command) => [...again(command, times), holdStep(`after ${command}`)]),
  ]
  const spent: { machine: number; runner: number }[] = []
  const onHold = ({ runner, qemus: [qemu = 0] }: LabProcesses) => {
    spent.push({ machine: processorMsOf(qemu), runner: processorMsOf(runner) })
  }
  const events = await runLab(tree, 1, steps, { signal, onHold })
  return Object.assign({}, ...commands.map((command, at) => figuresOf(command, events, steps, spent.slice(at, at + 2))))
}

function figuresOf(
  command: string,
  events: readonly TimedEvent[],
  steps: readonly LabStep[],
  [from, to]: readonly { machine: number; runner: number }[],
): Sample {
  const first = steps.findIndex(({ name }) => name.startsWith('hold'))
  const walls = events.flatMap(({ type, step = 0, durationMs = 0 }) =>
    type === 'command-finished' && step > first && steps[step]?.run === command ? [durationMs] : [],
  )
  // Between two looks there is the command of the first of them too.
  const each = (part: 'machine' | 'runner') => ((to?.[part] ?? Number.NaN) - (from?.[part] ?? Number.NaN)) / (times + 1)
  const values = [summarize(walls)?.median ?? Number.NaN, each('machine'), each('runner')]
  return Object.fromEntries(kinds.map((kind, at) => [`${command}: ${kind}`, values[at] ?? Number.NaN]))
}
