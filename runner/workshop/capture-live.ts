import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, usageError } from '../errors.ts'
import { renderEndpoint } from '../lab/text/endpoint.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { sendLine } from './protocol.ts'
import type { Caller } from './serve.ts'
import type { Session } from './session.ts'

/** How often it is looked for new frames. */
const lookMs = 200
/** More is not kept of a capture that somebody watches: it lies on the disk until he leaves. */
const mostBytes = 1e9

let captures = 0

/**
 * Sends every frame that passes an interface, as pcap, until the caller leaves. At the end of a cable it is taken there,
 * with the host's clock; at any other interface of a node by tcpdump in it, with the clock of the machine.
 * Returns whether it had to end before.
 */
export async function captureLive(session: Session, endpoint: string, caller: Caller): Promise<boolean> {
  const { variant, testbed } = session.context
  const [node = '', nic = '', ...more] = endpoint.split(':')
  const ends = variant.links.flatMap(({ endpoints }) => endpoints.map(renderEndpoint))
  if (node === '' || nic === '' || more.length > 0) throw notAnEndpoint(endpoint, ends)
  session.demandNode(node)
  await session.saved()
  if (ends.includes(endpoint) && testbed.noCaptures === undefined) return captureCable(session, endpoint, caller)
  return captureInNode(session, { node, nic }, caller)
}

function notAnEndpoint(word: string, ends: readonly string[]) {
  const nearest = nearestWord(word, ends)
  return usageError(
    `cannot capture at ${word}: expected NODE:NIC`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"? `}the cables end at ${ends.join(', ') || 'nothing: there are none'}`,
  )
}

async function captureCable({ context }: Session, endpoint: string, caller: Caller): Promise<boolean> {
  const { testbed, folder, signal } = context
  const left = new AbortController()
  caller.onLeft(() => left.abort())
  const file = join(folder, `live-${++captures}.pcap`)
  const running = await testbed.captureCable(endpoint, file)
  const descriptor = openSync(file, 'r')
  let sent = 0
  try {
    while (!left.signal.aborted && !signal.aborted) {
      const settled = await running.settle()
      sent = await sendFile(descriptor, sent, settled, caller)
      if (sent > mostBytes || running.isCut()) return true
      await sleep(lookMs, undefined, { signal: AbortSignal.any([left.signal, signal]) }).catch(() => {})
    }
    return false
  } finally {
    await running.end().finally(() => {
      closeSync(descriptor)
      rmSync(file, { force: true })
    })
  }
}

const chunkBytes = 256 * 1024

/** Sends what is between two places of a file. Returns the place up to which it was sent. */
async function sendFile(descriptor: number, from: number, until: number, caller: Caller): Promise<number> {
  let at = from
  while (at < until && !caller.hasLeft()) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, until - at))
    const length = readSync(descriptor, chunk, 0, chunk.length, at)
    if (length === 0) return at
    at += length
    if (!sendLine(caller.socket, { stdout: chunk.subarray(0, length).toString('base64') }))
      await new Promise<void>((resolve) => {
        caller.socket.once('drain', resolve)
        caller.onLeft(resolve)
      })
  }
  return at
}

/** See tcpdump(8); `-B` as its default buffer loses frames that come at once. */
const tcpdump = ['tcpdump', '-U', '--immediate-mode', '-B', '65536', '-w', '-', '-i'] as const

async function captureInNode(
  { context }: Session,
  { node, nic }: { readonly node: string; readonly nic: string },
  { socket, onLeft }: Caller,
): Promise<boolean> {
  const command = context.nodes.start(node, [...tcpdump, nic], {
    signal: context.signal,
    onOutput(stream, chunk) {
      if (stream === 'stdout') sendLine(socket, { stdout: Buffer.from(chunk).toString('base64') })
      if (socket.writableLength > 64 * 1024 * 1024) socket.destroy()
    },
  })
  onLeft(() => command.signal('INT'))
  const { exitCode, stderr } = await command.ended
  if (exitCode === 0 || socket.destroyed) return false
  throw machineryError(`cannot capture at ${node}:${nic}: ${stderr.trim().split('\n').at(-1)}`)
}
