import { join } from 'node:path'
import { hasCode, machineryError } from '../../errors.ts'
import { pathInside } from '../../host/file-names.ts'
import { stepFile } from '../../host/results-folder.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Nodes } from '../nodes.ts'
import type { ScopeContext } from '../scope-context.ts'
import { type Capture, type CaptureEnd, startCapture } from './captures.ts'

/** The captures of a scope, of the step that runs and of earlier ones. */
export interface LiveCaptures {
  /** The newest capture of this name, whether it still runs or not. @throws WirelabError when there is none */
  named(name: string): Capture
  /** Starts captures that a step declares; one whose interface is not up yet begins when it is, all others now. */
  start(step: number, declarations: readonly CaptureDeclaration[]): Promise<void>
  /** Waits until those have begun whose interface has come up. */
  settle(): Promise<void>
  /** Ends and keeps the captures that go no further than a step. @throws WirelabError when one has never begun */
  endDue(step: number): Promise<void>
  /** The names of those that run. */
  running(): readonly string[]
  /** The newest of each name, of those that have ended. */
  ended(): ReadonlyMap<string, Capture>
  /** Takes over captures that ended in a scope that this one goes on as. */
  takeOver(captures: ReadonlyMap<string, Capture>): void
  /** Ends and keeps all that still run, but those in machines that the lab left frozen. */
  endAll(): Promise<void>
}

interface LiveCapture {
  readonly capture: Capture
  readonly step: number
  readonly until: number
  readonly fileName: string
}

/** Keeps the captures of a scope. */
export function liveCaptures(context: ScopeContext, nodes: Nodes): LiveCaptures {
  const { testbed, folder, folderInResults, emit } = context
  const newest = new Map<string, Capture>()
  const running = new Set<LiveCapture>()

  const end = async (live: LiveCapture): Promise<CaptureEnd> => {
    const { capture, step, fileName } = live
    running.delete(live)
    const ended = await capture.end()
    if (ended !== 'kept') return ended
    const { frames, dropped, cut } = await capture.count()
    const { name, node, nic, where } = capture.declaration
    emit({
      type: 'capture-saved',
      step,
      capture: name,
      endpoint: `${node}:${nic}`,
      where,
      frames,
      ...(dropped === 0 ? {} : { dropped }),
      ...(cut ? { cut } : {}),
      path: join(folderInResults, fileName),
    })
    return ended
  }

  return {
    named(name) {
      const capture = newest.get(name)
      if (!capture) throw machineryError(`cannot read capture ${name}: it was never started`)
      return capture
    },
    async start(step, declarations) {
      for (const declaration of declarations) {
        const fileName = stepFile(step, declaration.name, 'pcap')
        const capture = await startCapture(declaration, pathInside(folder, fileName), testbed, nodes, context)
        newest.set(declaration.name, capture)
        running.add({ capture, step, until: declaration.until ?? step, fileName })
      }
    },
    async settle() {
      for (const { capture } of running) await capture.settle()
    },
    async endDue(step) {
      const idle: string[] = []
      for (const live of running) {
        const { node, nic, name } = live.capture.declaration
        if (live.until <= step && (await end(live)) === 'never began') idle.push(`${name} at ${node}:${nic}`)
      }
      if (idle.length === 0) return
      throw machineryError(`cannot capture ${idle.join(', ')}: the interface never came up`, 'name one that does')
    },
    running: () => [...running].map(({ capture }) => capture.declaration.name),
    ended: () => new Map([...newest].filter(([, one]) => ![...running].some(({ capture }) => capture === one))),
    takeOver(captures) {
      for (const [name, capture] of captures) newest.set(name, capture)
    },
    async endAll() {
      for (const live of running)
        await end(live).catch((error) => {
          if (!hasCode(error, 'wrong-state')) throw error
        })
    },
  }
}
