import { closeSync, openSync, writeSync } from 'node:fs'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { tryHostCommand } from '../../host/host-command.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Machine, RunningCommand, Testbed } from '../../providers/provider.ts'
import type { Nodes } from '../nodes.ts'

/** A capture that runs, or has run. */
export interface Capture {
  readonly declaration: CaptureDeclaration
  /** The frames so far that a pcap-filter(7) expression accepts, one line each. */
  frames(filter: string): Promise<Answer>
  /**
   * Ends it; `file` on the host then holds all frames as pcap. Can be called twice. False when its machine took it
   * along.
   */
  end(): Promise<boolean>
  readonly file: string
}

/** How long a capture may take to begin, and to end, and frames to be read. */
const captureMs = 20_000

/** Options that print one line a frame: numbers, link-level header, no lookups. */
const lineOptions = ['-nn', '-e', '-tt'] as const

/**
 * Starts a capture; when this is done it misses nothing. An abort ends every wait for it.
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
    return true
  }
  let ended: Promise<boolean> | undefined
  return {
    declaration,
    file,
    async frames(filter) {
      if (!ended) await within(running.settle(), captureMs, `cannot read the capture at ${at}`, signal)
      return readFrames(file, filter, signal)
    },
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
  let lost = false
  tcpdump.ended.catch(() => {
    lost = true
  })
  const end = async () => {
    if (lost) return false
    tcpdump.signal('INT')
    await within(tcpdump.ended, captureMs, `cannot end the capture on ${node}:${nic}`, signal)
    await fetchFile(machine, inNode, file, signal)
    return true
  }
  let ended: Promise<boolean> | undefined
  return {
    declaration,
    file,
    async frames(filter) {
      if (lost) return { exitCode: -1, stdout: '', stderr: `machine ${machine.name} took it along`, timedOut: false }
      if (ended) return readFrames(file, filter, signal)
      return nodes.run(node, ['tcpdump', ...lineOptions, '-r', inNode, filter], { timeoutMs: captureMs })
    },
    end: () => (ended ??= end()),
  }
}

/** Starts tcpdump in a node, and waits until it listens. */
async function startTcpdump(
  node: string,
  nic: string,
  file: string,
  nodes: Nodes,
  signal: AbortSignal,
): Promise<RunningCommand> {
  const listening = Promise.withResolvers<void>()
  let words = ''
  const tcpdump = nodes.start(node, ['tcpdump', '-i', nic, '-w', file, '-U', '--immediate-mode'], {
    onOutput(_stream, chunk) {
      words += Buffer.from(chunk).toString()
      if (words.includes('listening on')) listening.resolve()
    },
  })
  const failed = tcpdump.ended.then(() => {
    throw machineryError(`cannot capture on ${node}:${nic}: ${words.trim() || 'tcpdump ended'}`)
  })
  failed.catch(() => {})
  await within(Promise.race([listening.promise, failed]), captureMs, `cannot capture on ${node}:${nic}`, signal)
  return tcpdump
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

/** The frames of a pcap file on the host, by tcpdump. */
async function readFrames(file: string, filter: string, signal: AbortSignal): Promise<Answer> {
  const argv = ['tcpdump', ...lineOptions, '-r', file, filter] as const
  const { exitCode, stdout, stderr } = await tryHostCommand(argv, { signal, stopSignal: 'SIGKILL' })
  return { exitCode, stdout, stderr, timedOut: false }
}
