import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { tryHostCommand } from '../../host/host-command.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Machine, Testbed } from '../../providers/provider.ts'
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

/** How long tcpdump in a machine may take to begin, and to end. */
const tcpdumpMs = 20_000

/** Options that print one line a frame: numbers, link-level header, no lookups. */
const lineOptions = ['-nn', '-e', '-tt'] as const

/** Starts a capture; when this is done it misses nothing. @throws WirelabError of kind machinery */
export const startCapture = (
  declaration: CaptureDeclaration,
  file: string,
  testbed: Testbed,
  nodes: Nodes,
): Promise<Capture> =>
  declaration.where === 'cable' ? startOnCable(declaration, file, testbed) : startInNode(declaration, file, nodes)

async function startOnCable(declaration: CaptureDeclaration, file: string, testbed: Testbed): Promise<Capture> {
  const running = await testbed.captureCable(`${declaration.node}:${declaration.nic}`, file)
  let ended: Promise<boolean> | undefined
  return {
    declaration,
    file,
    frames: (filter) => readFrames(file, filter),
    end: () => (ended ??= running.end().then(() => true)),
  }
}

let captures = 0

async function startInNode(declaration: CaptureDeclaration, file: string, nodes: Nodes): Promise<Capture> {
  const { name, node, nic } = declaration
  const inNode = `/run/capture-${name}-${captures++}.pcap`
  let begun = () => {}
  const ready = new Promise<void>((resolve) => {
    begun = resolve
  })
  let words = ''
  const machine = nodes.machineOf(node)
  const tcpdump = nodes.start(node, ['tcpdump', '-i', nic, '-w', inNode, '-U', '--immediate-mode'], {
    onOutput(_stream, chunk) {
      words += Buffer.from(chunk).toString()
      if (words.includes('listening on')) begun()
    },
  })
  const failed = tcpdump.ended.then(() => {
    throw machineryError(`cannot capture on ${node}:${nic}: ${words.trim() || 'tcpdump ended'}`)
  })
  failed.catch(() => {})
  await within(Promise.race([ready, failed]), tcpdumpMs, `cannot capture on ${node}:${nic}`)

  let lost = false
  tcpdump.ended.catch(() => {
    lost = true
  })
  const end = async () => {
    if (lost) return false
    tcpdump.signal('INT')
    await within(tcpdump.ended, tcpdumpMs, `cannot end the capture on ${node}:${nic}`)
    await fetchFile(machine, inNode, file)
    return true
  }
  let ended: Promise<boolean> | undefined
  return {
    declaration,
    file,
    async frames(filter) {
      if (lost) return { exitCode: -1, stdout: '', stderr: `machine ${machine.name} took it along`, timedOut: false }
      if (ended) return readFrames(file, filter)
      return nodes.run(node, ['tcpdump', ...lineOptions, '-r', inNode, filter], { timeoutMs: tcpdumpMs })
    },
    end: () => (ended ??= end()),
  }
}

async function fetchFile(machine: Machine, from: string, to: string): Promise<void> {
  const out = createWriteStream(to)
  const done = finished(out)
  const result = await machine.run(['cat', from], {
    timeoutMs: tcpdumpMs,
    onOutput: (stream, chunk) => {
      if (stream === 'stdout') out.write(chunk)
    },
  })
  out.end()
  await done
  if (result.exitCode !== 0) throw machineryError(`cannot fetch ${from} from ${machine.name}: ${result.stderr.trim()}`)
}

/** The frames of a pcap file on the host, by tcpdump. */
async function readFrames(file: string, filter: string): Promise<Answer> {
  const { exitCode, stdout, stderr } = await tryHostCommand(['tcpdump', ...lineOptions, '-r', file, filter])
  return { exitCode, stdout, stderr, timedOut: false }
}
