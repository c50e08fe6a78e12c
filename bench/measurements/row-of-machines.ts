import { readFileSync } from 'node:fs'
import type { Figure, Measurement, Rival, Sample } from '../measurement.ts'
import type { LabProcesses } from '../processes.ts'
import { timesOf } from '../read-events.ts'
import { coldBoot } from '../rivals/cold-boot.ts'
import { mininet } from '../rivals/mininet.ts'
import { vagrant } from '../rivals/vagrant.ts'
import { holdStep, rowSteps, runLab } from '../run-lab.ts'
import type { Tree } from '../run-npm.ts'
import { addMemory, memoryParts, parseSmaps } from '../smaps.ts'

interface Row {
  readonly count: number
  readonly rounds: number
  readonly groups: readonly string[]
  readonly bound?: Figure['bound']
  readonly rivals: readonly Rival[]
}

const rows: readonly Row[] = [
  {
    count: 1,
    rounds: 5,
    groups: ['first-output'],
    bound: { ratio: 0.35, most: 400 },
    rivals: [coldBoot, vagrant, mininet],
  },
  { count: 2, rounds: 3, groups: [], rivals: [mininet] },
  { count: 4, rounds: 5, groups: ['first-output'], bound: { ratio: 0.3, most: 1200 }, rivals: [vagrant, mininet] },
  { count: 8, rounds: 3, groups: ['first-output'], bound: { ratio: 0.3, most: 3000 }, rivals: [vagrant, mininet] },
  { count: 16, rounds: 2, groups: [], rivals: [mininet] },
  { count: 32, rounds: 2, groups: ['tear-down'], rivals: [mininet] },
  { count: 64, rounds: 1, groups: [], bound: { ratio: 0.25, most: 25_000 }, rivals: [mininet] },
]

/** From nothing running to outputs of all machines in a row of cables, their memory, and their end. */
export const rowsOfMachines: readonly Measurement[] = rows.map(({ count, rounds, groups, bound, rivals }) => ({
  name: `machines-${count}`,
  groups: ['growth', ...groups],
  what: `first output of ${count === 1 ? '1 machine' : `${count} machines in a row of cables`}, memory, tear-down`,
  rounds,
  figures: [
    { name: 'first output', unit: 'ms', ...(bound ? { bound } : {}) },
    { name: 'every output', unit: 'ms' },
    { name: 'tear-down', unit: 'ms', ...(count === 32 ? { bound: { most: 1000 } } : {}) },
    { name: 'memory', unit: 'MB' },
    ...memoryParts.map((part): Figure => ({ name: part, unit: 'MB', isDetail: true })),
  ],
  ...(count === 1 || count === 4 || count === 8 ? { isQuick: true } : {}),
  ...(count > 32 ? { isLong: true } : {}),
  machines: count,
  rivals,
  sample: (tree, signal) => sampleRow(tree, count, signal),
}))

/** One run of `count` machines. */
export async function sampleRow(
  tree: Tree,
  count: number,
  signal: AbortSignal,
  onHold?: (processes: LabProcesses) => void,
): Promise<Sample> {
  let memory: Sample = {}
  const look = (processes: LabProcesses) => {
    memory = memoryOf(processes, count)
    onHold?.(processes)
  }
  const events = await runLab(tree, count, [...rowSteps(count), holdStep('all')], { signal, onHold: look })
  return { ...timesOf(events, count), ...memory }
}

/** Nothing when this user may not look. */
function memoryOf({ qemus }: LabProcesses, count: number): Sample {
  if (qemus.length !== count) throw new Error(`there are ${qemus.length} QEMUs for ${count} machines`)
  try {
    const parts = addMemory(qemus.map((pid) => parseSmaps(readFileSync(`/proc/${pid}/smaps`, 'utf8'))))
    return { memory: memoryParts.reduce((sum, part) => sum + parts[part], 0), ...parts }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return {}
    throw error
  }
}
