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

interface Waiter {
  wanted(event: QmpEvent): boolean
  resolve(event: QmpEvent): void
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
  const lines = createInterface({ input })
  const conversation = converse()
  lines.on('line', (line) => conversation.receive(JSON.parse(line) as Message))
  lines.on('close', () => conversation.end('it ended'))
  output.on('error', (error) => conversation.end(error.message))
  const qmp: Qmp = {
    execute: (command, parameters) =>
      conversation.request(command, (id) => {
        const words = { execute: command, id, ...(parameters ? { arguments: parameters } : {}) }
        output.write(`${JSON.stringify(words)}\n`)
      }),
    waitFor: conversation.waitFor,
  }
  await Promise.race([once(lines, 'line'), once(lines, 'close')])
  await qmp.execute('qmp_capabilities')
  return qmp
}

/** Who waits for what: commands for their answers, by their numbers, and others for events. */
function converse() {
  const pending = new Map<number, Pending>()
  const waiters = new Set<Waiter>()
  let nextId = 1
  let ended: Error | undefined
  const hear = (event: QmpEvent) => {
    for (const waiter of waiters) {
      if (!waiter.wanted(event)) continue
      waiters.delete(waiter)
      waiter.resolve(event)
    }
  }
  return {
    receive({ event, data, id, error, return: returned }: Message) {
      if (event !== undefined) return hear({ event, ...(data ? { data } : {}) })
      if (id === undefined) return
      const request = pending.get(id)
      pending.delete(id)
      if (error) request?.reject(machineryError(`cannot ${request.command} in QEMU: ${error.desc}`))
      else request?.resolve(returned)
    },
    end(cause: string) {
      if (ended) return
      ended = machineryError(`cannot talk to QEMU: ${cause}`)
      for (const waiting of [...pending.values(), ...waiters]) waiting.reject(ended)
      pending.clear()
      waiters.clear()
    },
    request: (command: string, send: (id: number) => void) =>
      new Promise<unknown>((resolve, reject) => {
        if (ended) return reject(ended)
        const id = nextId++
        pending.set(id, { command, resolve, reject })
        send(id)
      }),
    waitFor(wanted: Waiter['wanted']) {
      const awaited = new Promise<QmpEvent>((resolve, reject) => {
        if (ended) return reject(ended)
        waiters.add({ wanted, resolve, reject })
      })
      // Who waits often runs a command first; when that fails, nobody comes to see this fail too.
      awaited.catch(() => {})
      return awaited
    },
  }
}
