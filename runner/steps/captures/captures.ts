import { closeSync, openSync, writeSync } from 'node:fs'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Machine, Testbed } from '../../providers/provider.ts'
import type { Nodes } from '../nodes.ts'
import { countFrames, frameAnswer, readFrames } from './read-frames.ts'
import { captureMs, startTcpdump } from './tcpdump.ts'

/** A capture that runs, or has run. */
export interface Capture {
  readonly declaration: CaptureDeclaration
  /** How many frames so far a pcap-filter(7) expression accepts, with the first of them. */
  frames(filter: string): Promise<Answer>
  /** All frames of one that was kept, and how many it lost. */
  count(): Promise<{ readonly frames: number; readonly dropped: number }>
  /** Waits until it has begun, unless its interface is still not up. */
  settle(): Promise<void>
  /** Ends it; when it is kept, `file` on the host then holds all frames as pcap. Can be called twice. */
  end(): Promise<CaptureEnd>
  readonly file: string
}

export type CaptureEnd = 'kept' | 'taken along' | 'never began'

/**
 * Starts a capture; when this is done it misses nothing, or waits for an interface that is not up yet. An abort ends
 * every wait for it.
 * @throws WirelabError of kind machinery, the signal's reason when aborted
 */
export const startCapture = (
  declaration: CaptureDeclaration,
  file: string,
  testbed: Pick<Testbed, 'captureCable'>,
  nodes: Nodes,
  signal: AbortSignal,
): Promise<Capture> =>
  declaration.where === 'cable'
    ? startOnCable(declaration, file, testbed, signal)
    : startInNode(declaration, file, nodes, signal)

async function startOnCable(
  declaration: CaptureDeclaration,
  file: string,
  testbed: Pick<Testbed, 'captureCable'>,
  signal: AbortSignal,
): Promise<Capture> {
  const at = `${declaration.node}:${declaration.nic}`
  const running = await within(testbed.captureCable(at, file), captureMs, `cannot capture at ${at}`, signal)
  const end = async () => {
    await within(running.end(), captureMs, `cannot end the capture at ${at}`, signal)
    return 'kept' as const
  }
  let ended: Promise<CaptureEnd> | undefined
  return {
    declaration,
    file,
    async frames(filter) {
      if (!ended) await within(running.settle(), captureMs, `cannot read the capture at ${at}`, signal)
      return readFrames(file, filter, signal)
    },
    async count() {
      const { frames = 0 } = await readFrames(file, '', signal)
      return { frames, dropped: 0 }
    },
    async settle() {},
    end: () => (ended ??= end()),
  }
}

let captures = 0

async function startInNode(
  declaration: CaptureDeclaration,
  file: string,
  nodes: Nodes,
  signal: AbortSignal,
): Promise<Capture> {
  const { name, node, nic } = declaration
  const inNode = `/run/capture-${name}-${captures++}.pcap`
  const machine = nodes.machineOf(node)
  const tcpdump = await startTcpdump(node, nic, inNode, nodes, signal)
  let dropped = 0
  const end = async (): Promise<CaptureEnd> => {
    const lost = await tcpdump.end()
    if (lost === undefined) return 'taken along'
    if (!tcpdump.begun()) return 'never began'
    dropped = lost
    await fetchFile(machine, inNode, file, signal)
    return 'kept'
  }
  let ended: Promise<CaptureEnd> | undefined
  const whyNot = async () => {
    if ((await ended) === 'taken along') return `machine ${machine.name} took it along`
    if (!ended) await tcpdump.settle()
    return tcpdump.begun() ? tcpdump.whyBroken() : `it has not begun: ${node}:${nic} is not up`
  }
  return {
    declaration,
    file,
    async frames(filter) {
      const unread = await whyNot()
      if (unread !== undefined) return { exitCode: -1, stdout: '', stderr: unread, timedOut: false }
      if (ended) return readFrames(file, filter, signal, dropped)
      const lost = await tcpdump.flush()
      const result = await nodes.run(node, countFrames(inNode, filter), { timeoutMs: captureMs })
      return frameAnswer(result, lost)
    },
    async count() {
      const { frames = 0 } = await readFrames(file, '', signal)
      return { frames, dropped }
    },
    settle: tcpdump.settle,
    end: () => (ended ??= end()),
  }
}

async function fetchFile(machine: Machine, from: string, to: string, signal: AbortSignal): Promise<void> {
  const out = openSync(to, 'w')
  try {
    const { exitCode, stderr } = await machine.run(['cat', from], {
      timeoutMs: captureMs,
      signal,
      onOutput: (stream, chunk) => {
        if (stream === 'stdout') writeSync(out, chunk)
      },
    })
    if (exitCode !== 0) throw machineryError(`cannot fetch ${from} from ${machine.name}: ${stderr.trim()}`)
  } finally {
    closeSync(out)
  }
}
