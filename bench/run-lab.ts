import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineryError } from '../runner/errors.ts'
import { type LabProcesses, labProcesses } from './processes.ts'
import { readEvents, type TimedEvent } from './read-events.ts'
import { runNpm, type Tree } from './run-npm.ts'

/** A step of a lab that is made here. */
export interface LabStep {
  readonly name: string
  readonly on: string
  readonly run: string
}

export interface LabOptions {
  readonly signal: AbortSignal
  /** Behind the lab's name on the command line. */
  readonly words?: readonly string[]
  /** A program, with arguments, that the command is given to. */
  readonly through?: readonly string[]
  /** Called in each step whose name begins with `hold`, while the runner stands still; must not wait. */
  onHold?(processes: LabProcesses): void
}

/** A command for each machine: it prints the name of its kernel. */
export const rowSteps = (count: number): LabStep[] =>
  Array.from({ length: count }, (_, at) => ({ name: `m${at}`, on: `m${at}`, run: 'uname -r' }))

/** A step in which the lab's processes are looked at. Its command lasts long enough to be noticed. */
export const holdStep = (name: string): LabStep => ({ name: `hold ${name}`, on: 'm0', run: 'sleep 1' })

/**
 * Runs a lab of `count` machines, m0 and on, in a row of cables, through a checkout's command line. Returns its events.
 * @throws WirelabError of kind machinery when it does not pass, or when a hold was over before it was noticed
 */
export async function runLab(
  tree: Tree,
  count: number,
  steps: readonly LabStep[],
  { signal, words = [], through, onHold }: LabOptions,
): Promise<TimedEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'))
  const lab = join(folder, 'row')
  const results = join(folder, 'results')
  const events = join(results, 'events.jsonl')
  mkdirSync(lab)
  writeFileSync(join(lab, 'lab.yaml'), renderRow(count, steps))
  const holds = onHold ? steps.filter(({ name }) => name.startsWith('hold')).length : 0
  let held = 0
  let seenBytes = 0
  const watch = (pid: number) => {
    const bytes = statSync(events, { throwIfNoEntry: false })?.size ?? 0
    if (bytes === seenBytes) return
    seenBytes = bytes
    const begun = readEvents(readFileSync(events, 'utf8')).filter(isHold).length
    if (begun === held) return
    held = begun
    const processes = labProcesses(pid)
    if (processes) inStandstill(processes, onHold)
  }
  try {
    const command = ['lab', lab, '--', '--results', results, '--retry-inconclusive', '0', ...words]
    await runNpm(tree, command, { signal, ...(through ? { through } : {}), ...(onHold ? { watch } : {}) })
    if (held !== holds)
      throw machineryError('cannot look at the machines: the host was too busy to notice that they were up')
    return readEvents(readFileSync(events, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The lab file: JSON is YAML. */
const renderRow = (count: number, steps: readonly LabStep[]) =>
  JSON.stringify({
    title: 'A row of machines',
    summary: 'Machines to measure.',
    nodes: Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, {}])),
    ...(count > 1 ? { links: Array.from({ length: count - 1 }, (_, at) => cable(at)) } : {}),
    steps,
  })

const cable = (at: number) => ({ endpoints: [`m${at}:eth1`, `m${at + 1}:eth2`] })

const isHold = ({ type, name = '' }: TimedEvent) => type === 'step-started' && name.startsWith('hold')

/** The runner stands still only while this process does nothing else: no signal can come in between and leave it so. */
function inStandstill(processes: LabProcesses, look: LabOptions['onHold']): void {
  process.kill(processes.runner, 'SIGSTOP')
  try {
    look?.(processes)
  } finally {
    process.kill(processes.runner, 'SIGCONT')
  }
}
