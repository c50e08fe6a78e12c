import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertions } from '../../../assertions/index.ts'
import { machineryError } from '../../errors.ts'
import { noLock } from '../../host/processor-lock.ts'
import { roomOf } from '../../host/room.ts'
import { openImage } from '../../image/image.ts'
import type { Lab } from '../../lab/lab.ts'
import { loadLab } from '../../lab/load-lab.ts'
import { planRun } from '../../plan.ts'
import type { Testbed } from '../../providers/provider.ts'
import { qemuProvider } from '../../providers/qemu/qemu-provider.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { runSteps } from '../../steps/steps.ts'
import { writeFolder } from '../test-labs.ts'
import type { Row, RowOutcome } from './row.ts'
import { head, world } from './world.ts'

/** What became of a row's claim, and what was found. */
export interface Tried {
  readonly row: Row
  readonly outcome: RowOutcome
  readonly found: string
}

/** Tries rows one after the other in machines that are brought up once. @throws WirelabError of kind machinery */
export async function tryRows(rows: readonly Row[], onTried: (tried: Tried) => void): Promise<void> {
  const logs = mkdtempSync(join(tmpdir(), 'wirelab-sabotage-'))
  const testbed = await bringUp(logs)
  try {
    for (const [machine, script] of Object.entries(world)) await sh(testbed, machine, script)
    for (const [index, row] of rows.entries()) {
      const folder = join(logs, `${index}`)
      mkdirSync(folder)
      onTried({ row, ...(await tryRow(row, testbed, folder)) })
      if (row.undo !== undefined) await sh(testbed, 'a', row.undo)
    }
  } finally {
    await testbed.tearDown()
    rmSync(logs, { recursive: true, force: true })
  }
}

async function bringUp(logs: string): Promise<Testbed> {
  const { signal } = new AbortController()
  const wishes = { image: await openImage(), accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
  const provider = await readyProvider(qemuProvider, wishes)
  const variant = labOf([{ name: 'nothing', on: 'a', run: 'true' }])?.variants[0]
  if (variant === undefined) throw machineryError('cannot make the machines: their lab is wrong')
  const options = { logs, signal, onReady: () => {}, onDeath: () => {} }
  return provider.bringUp(planRun('sabotage', variant), options)
}

/** Undefined when the lab check refuses it. */
function labOf(steps: readonly object[]): Lab | undefined {
  // What is JSON is YAML.
  return loadLab(writeFolder({ 'lab.yaml': JSON.stringify({ ...head, steps }) }), assertions).lab
}

async function tryRow(row: Row, testbed: Testbed, folder: string): Promise<Omit<Tried, 'row'>> {
  const { does, step, claim } = row
  const doing = does === undefined ? {} : { on: 'a', run: does }
  const variant = labOf([{ name: 'row', ...doing, ...step, expect: [claim] }])?.variants[0]
  if (variant === undefined) return { outcome: 'refused', found: 'the lab check refuses it' }
  const tried: Omit<Tried, 'row'>[] = []
  const { broken } = await runSteps({
    variant,
    testbed,
    folder,
    folderInResults: folder,
    room: roomOf(),
    signal: new AbortController().signal,
    processors: noLock,
    emit(event) {
      if (event.type !== 'case-finished') return
      tried.push({ outcome: event.outcome, found: event.found })
    },
  })
  return tried[0] ?? { outcome: 'error', found: broken ?? 'nothing was judged' }
}

async function sh(testbed: Testbed, machine: string, script: string): Promise<void> {
  const { exitCode, stderr } = await testbed.machine(machine).run(['sh', '-e', '-c', script], { timeoutMs: 20_000 })
  if (exitCode !== 0) throw machineryError(`cannot make ready for a row on ${machine}: ${stderr}\n${script}`)
}
