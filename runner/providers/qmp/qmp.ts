import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { machineryError } from '../../errors.ts'

/** An asynchronous message of QEMU, such as SHUTDOWN or MIGRATION. */
export interface QmpEvent {
  readonly event: string
  readonly data?: Record<string, unknown>
}

/** A connection to QEMU's machine protocol. */
export interface Qmp {
  /**
   * Runs one command and returns its `return` value.
   * @throws WirelabError of kind machinery with QEMU's own words when it refuses, or when the connection ends
   */
  execute(command: string, parameters?: Record<string, unknown>): Promise<unknown>
  /** Waits for the first event that `wanted` accepts, from now on. @throws when the connection ends first */
  waitFor(wanted: (event: QmpEvent) => boolean): Promise<QmpEvent>
}

interface Pending {
  readonly command: string
  resolve(value: unknown): void
  reject(error: Error): void
}

interface Message {
  readonly QMP?: unknown
  readonly event?: string
  readonly data?: Record<string, unknown>
  readonly id?: number
  readonly return?: unknown
  readonly error?: { readonly class: string; readonly desc: string }
}

/**
 * Speaks QMP over a pair of streams, one JSON object a line, and has the capabilities negotiated when it gives the
 * connection. Source: QEMU's docs/interop/qmp-spec.
 */
export async function openQmp(input: Readable, output: Writable): Promise<Qmp> {
  const pending = new Map<number, Pending>()
  const waiters = new Set<{
    wanted: (event: QmpEvent) => boolean
    resolve(event: QmpEvent): void
    reject(error: Error): void
  }>()
  let nextId = 1
  let ended: Error | undefined
  const lines = createInterface({ input })

  lines.on('line', (line) => {
    const message = JSON.parse(line) as Message
    if (message.event !== undefined) {
      const event: QmpEvent = { event: message.event, ...(message.data ? { data: message.data } : {}) }
      for (const waiter of waiters) {
        if (!waiter.wanted(event)) continue
        waiters.delete(waiter)
        waiter.resolve(event)
      }
      return
    }
    if (message.id === undefined) return
    const request = pending.get(message.id)
    pending.delete(message.id)
    if (message.error) request?.reject(machineryError(`cannot ${request.command} in QEMU: ${message.error.desc}`))
    else request?.resolve(message.return)
  })

  const end = (cause: string) => {
    if (ended) return
    ended = machineryError(`cannot talk to QEMU: ${cause}`)
    for (const request of pending.values()) request.reject(ended)
    for (const waiter of waiters) waiter.reject(ended)
    pending.clear()
    waiters.clear()
  }
  lines.on('close', () => end('it ended'))
  output.on('error', (error) => end(error.message))

  const qmp: Qmp = {
    execute: (command, parameters) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended)
        const id = nextId++
        pending.set(id, { command, resolve, reject })
        output.write(`${JSON.stringify({ execute: command, id, ...(parameters ? { arguments: parameters } : {}) })}\n`)
      }),
    waitFor(wanted) {
      const awaited = new Promise<QmpEvent>((resolve, reject) => {
        if (ended) return reject(ended)
        waiters.add({ wanted, resolve, reject })
      })
      // Who waits often gives a command first; when that fails, nobody comes to see this fail too.
      awaited.catch(() => {})
      return awaited
    },
  }
  await Promise.race([once(lines, 'line'), once(lines, 'close')])
  await qmp.execute('qmp_capabilities')
  return qmp
}
