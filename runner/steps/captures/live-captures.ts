import { join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { stepFile } from '../../host/results-folder.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Nodes } from '../nodes.ts'
import type { ScopeContext } from '../scope-context.ts'
import { type Capture, startCapture } from './captures.ts'

/** The captures of a scope, of the step that runs and of earlier ones. */
export interface LiveCaptures {
  /** The newest capture of this name, whether it still runs or not. @throws WirelabError when there is none */
  named(name: string): Capture
  /** Starts captures that a step declares; when this is done they miss nothing. */
  start(step: number, declarations: readonly CaptureDeclaration[]): Promise<void>
  /** Ends and keeps the captures that go no further than a step. */
  endDue(step: number): Promise<void>
  /** Ends and keeps all that still run. */
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
  const { testbed, folder, folderInResults, signal, emit } = context
  const newest = new Map<string, Capture>()
  const running = new Set<LiveCapture>()

  const end = async (live: LiveCapture) => {
    const { capture, step, fileName } = live
    running.delete(live)
    const isKept = await capture.end()
    if (!isKept) return
    const all = await capture.frames('')
    const { name, node, nic, where } = capture.declaration
    emit({
      type: 'capture-saved',
      step,
      capture: name,
      endpoint: `${node}:${nic}`,
      where,
      frames: all.stdout === '' ? 0 : all.stdout.trimEnd().split('\n').length,
      path: join(folderInResults, fileName),
    })
  }
  const endThose = async (isMeant: (live: LiveCapture) => boolean) => {
    for (const live of running) if (isMeant(live)) await end(live)
  }

  return {
    named(name) {
      const capture = newest.get(name)
      if (!capture) throw machineryError(`cannot read capture ${name}: it was never started`)
      return capture
    },
    async start(step, declarations) {
      for (const declaration of declarations) {
        const fileName = stepFile(step, `${declaration.name}.pcap`)
        const capture = await startCapture(declaration, join(folder, fileName), testbed, nodes, signal)
        newest.set(declaration.name, capture)
        running.add({ capture, step, until: declaration.until ?? step, fileName })
      }
    },
    endDue: (step) => endThose(({ until }) => until <= step),
    endAll: () => endThose(() => true),
  }
}
