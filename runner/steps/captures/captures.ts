import { closeSync, ftruncateSync, openSync, statSync } from 'node:fs'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError, stateError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { keepFile } from '../../host/kept-file.ts'
import type { Room } from '../../host/room.ts'
import type { CaptureDeclaration } from '../../lab/lab.ts'
import type { Machine, RunningCapture, Testbed } from '../../providers/provider.ts'
import { endOfRecords } from '../../providers/qmp/pcap-stamps.ts'
import type { Nodes } from '../nodes.ts'
import { countFrames, frameAnswer, readFrames } from './read-frames.ts'
import { captureMs, startTcpdump } from './tcpdump.ts'

/** A capture that runs, or has run. */
export interface Capture {
  readonly declaration: CaptureDeclaration
  /** How many frames so far a pcap-filter(7) expression accepts, with the first of them. */
  frames(filter: string): Promise<Answer>
  /** All frames of one that was kept, and what it lacks. */
  count(): Promise<{ readonly frames: number } & Missing>
  /** Waits until it has begun, unless its interface is still not up. */
  settle(): Promise<void>
  /** Ends it; when it is kept, `file` on the host then holds all frames as pcap. Can be called twice. */
  end(): Promise<CaptureEnd>
  readonly file: string
}

/** What a capture lacks. */
export interface Missing {
  /** How many frames were lost on the way. */
  readonly dropped: number
  /** It ended before its time, for want of room. */
  readonly cut: boolean
}

export type CaptureEnd = 'kept' | 'taken along' | 'never began'

/**
 * Starts a capture; when this is done it misses nothing, or waits for an interface that is not up yet. An abort ends
 * every wait for it. When there is no room for it any more, it ends, and is cut.
 * @throws WirelabError of kind machinery, the signal's reason when aborted
 */
export const startCapture = (
  declaration: CaptureDeclaration,
  file: string,
  testbed: Pick<Testbed, 'captureCable' | 'absence'>,
  nodes: Nodes,
  { room, signal }: CaptureLimits,
): Promise<Capture> =>
  declaration.where === 'cable'
    ? startOnCable(declaration, file, testbed, { room, signal })
    : startInNode(declaration, file, testbed, nodes, { room, signal })

export interface CaptureLimits {
  readonly room: Room
  readonly signal: AbortSignal
}

async function startOnCable(
  declaration: CaptureDeclaration,
  file: string,
  testbed: Pick<Testbed, 'captureCable'>,
  { room, signal }: CaptureLimits,
): Promise<Capture> {
  const at = `${declaration.node}:${declaration.nic}`
  const running = await within(testbed.captureCable(at, file), captureMs, `cannot capture at ${at}`, signal)
  const bound = boundedCapture(running, file, { room, signal })
  const end = async () => {
    await within(bound.end(), captureMs, `cannot end the capture at ${at}`, signal)
    return 'kept' as const
  }
  const whenMore = readWhenMore()
  let ended: Promise<CaptureEnd> | undefined
  return {
    declaration,
    file,
    async frames(filter) {
      const bytes = ended
        ? undefined
        : await within(bound.settle(), captureMs, `cannot read the capture at ${at}`, signal)
      const cut = bound.isCut()
      return whenMore(filter, bytes, { dropped: 0, cut }, (missing) =>
        readFrames({ file, bytes }, filter, signal, missing),
      )
    },
    async count() {
      const { frames = 0 } = await readFrames({ file }, '', signal)
      return { frames, dropped: 0, cut: bound.isCut() }
    },
    async settle() {},
    end: () => (ended ??= end()),
  }
}

/** How often it is looked how long a capture has become, which another program writes. */
const lookMs = 100

/** Ends a capture on a cable when its file has become longer than there is room for, by little. */
function boundedCapture(running: RunningCapture, file: string, { room, signal }: CaptureLimits) {
  const share = room.share()
  let known = 0
  let ended: Promise<void> | undefined
  const end = () => {
    clearInterval(timer)
    ended ??= running.end()
    return ended
  }
  const look = () => {
    const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {}
    share.take(Math.max(0, size - known))
    known = Math.max(known, size)
    // What keeps it from ending is reported to who ends it.
    if (share.lostBytes > 0) end().catch(() => {})
  }
  const timer = setInterval(look, lookMs).unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  /** Returns how much of the file can be read; all of it once the capture has ended. */
  const settle = async () => (ended ? void (await ended) : running.settle())
  return { end, settle, isCut: () => share.lostBytes > 0 || running.isCut() }
}

/**
 * Reads what a filter accepts, but only when there is more than at the last time, or more is missing: `size` says how
 * much there is, undefined where that is not known. Whoever asks again and again until a frame comes mostly learns that
 * none has; to read the file once more would cost an emulated machine a tenth of a second of work.
 */
function readWhenMore() {
  const known = new Map<string, { readonly state: string; readonly answer: Answer }>()
  return async (
    filter: string,
    size: number | undefined,
    missing: Missing,
    read: (missing: Missing) => Promise<Answer>,
  ): Promise<Answer> => {
    const state = JSON.stringify([size, missing])
    const last = known.get(filter)
    if (size !== undefined && last?.state === state) return last.answer
    const answer = await read(missing)
    if (answer.exitCode === 0 && answer.frames !== undefined) known.set(filter, { state, answer })
    return answer
  }
}

let captures = 0

async function startInNode(
  declaration: CaptureDeclaration,
  file: string,
  testbed: Pick<Testbed, 'absence'>,
  nodes: Nodes,
  { room, signal }: CaptureLimits,
): Promise<Capture> {
  const { name, node, nic } = declaration
  const inNode = `/run/capture-${name}-${captures++}.pcap`
  const machine = nodes.machineOf(node)
  const tcpdump = await startTcpdump(node, nic, inNode, nodes, signal)
  const whenMore = readWhenMore()
  let missing: Missing = { dropped: 0, cut: false }
  const end = async (): Promise<CaptureEnd> => {
    if (testbed.absence(machine.name) === 'frozen')
      throw stateError(`cannot end the capture on ${node}:${nic}: machine ${machine.name} is frozen`)
    const lost = await tcpdump.end()
    if (lost === undefined) return 'taken along'
    if (!tcpdump.begun()) return 'never began'
    missing = { dropped: lost, cut: await fetchFile(machine, inNode, file, { room, signal }) }
    return 'kept'
  }
  let ended: Promise<CaptureEnd> | undefined
  const whyNot = async () => {
    const end = await ended
    // What is in a machine that the lab left stopped can't be asked, as nothing of it can.
    if (end !== 'kept') nodes.machineOf(node)
    if (end === 'taken along') return `machine ${machine.name} took it along`
    if (!ended) await tcpdump.settle()
    return tcpdump.begun() ? tcpdump.whyBroken() : `it has not begun: ${node}:${nic} is not up`
  }
  return {
    declaration,
    file,
    async frames(filter) {
      const unread = await whyNot()
      if (unread !== undefined) return { exitCode: -1, stdout: '', stderr: unread, timedOut: false }
      if (ended) return readFrames({ file }, filter, signal, missing)
      const { captured, dropped } = await tcpdump.flush()
      return whenMore(filter, captured, { dropped, cut: false }, async (missing) =>
        frameAnswer(await nodes.run(node, countFrames(inNode, filter), { timeoutMs: captureMs }), missing),
      )
    },
    async count() {
      const { frames = 0 } = await readFrames({ file }, '', signal)
      return { frames, ...missing }
    },
    settle: tcpdump.settle,
    end: () => (ended ??= end()),
  }
}

/** How long a capture may take from a node to the host. */
const fetchMs = 120_000

/** Fetches a capture from a machine, as far as there is room. Returns whether it was cut, behind a whole frame. */
async function fetchFile(
  machine: Machine,
  from: string,
  to: string,
  { room, signal }: CaptureLimits,
): Promise<boolean> {
  const kept = keepFile(to, room)
  try {
    // One byte more than there is room for shows that there is more.
    const { exitCode, stderr, timedOut } = await machine.run(['head', '-c', String(kept.freeBytes() + 1), from], {
      timeoutMs: fetchMs,
      signal,
      onOutput(stream, chunk) {
        if (stream === 'stdout') kept.add(chunk)
      },
    })
    const cannot = `cannot fetch ${from} from ${machine.name}`
    if (timedOut) throw machineryError(`${cannot}: not within ${fetchMs / 1000} s`)
    if (exitCode !== 0) throw machineryError(`${cannot}: ${stderr.trim()}`)
  } finally {
    kept.close()
  }
  if (kept.lostBytes > 0) cutBehindFrame(to)
  return kept.lostBytes > 0
}

/** tcpdump refuses a file that ends within a frame. */
function cutBehindFrame(file: string): void {
  const fd = openSync(file, 'r+')
  try {
    ftruncateSync(fd, endOfRecords(fd))
  } finally {
    closeSync(fd)
  }
}
