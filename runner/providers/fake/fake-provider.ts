import { writeFileSync } from 'node:fs'
import { machineryError } from '../../errors.ts'
import type { LabEvent } from '../../lab/lab.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import type {
  BringUpOptions,
  CommandOptions,
  CommandResult,
  Machine,
  Provider,
  RunningCommand,
  TimeSpan,
} from '../provider.ts'

/** What a command does on a machine that is none. Without anything it succeeds at once and prints nothing. */
export interface FakeAnswer {
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
  /** How long it takes. */
  readonly afterMs?: number
  /** It prints, and then goes on until the end of its input, a signal or a `pkill` on its machine ends it. */
  readonly stays?: boolean
  /** The machine dies of it, for this reason. */
  readonly dies?: string
}

/** How the machines of a fake provider behave. */
export interface FakeScript {
  /** The answer of a machine to a command, its arguments joined by spaces. Asked anew each time. */
  answer?(machine: string, command: string): FakeAnswer | undefined
  unsupported?(event: LabEvent): string | undefined
  readonly noCaptures?: string
  /** When machines waited for a processor of the host, while anybody watched. */
  readonly waits?: readonly TimeSpan[]
  /** Why the machines cannot be brought up. */
  readonly refuses?: string
  /** Why the machines cannot be ended. */
  readonly lingers?: string
}

/** A provider for tests of the engine. `calls` holds what was asked of it, in order. */
export interface FakeProvider extends Provider {
  readonly calls: readonly string[]
}

/** The header of a pcap file without a frame (pcap-savefile(5)): version 2.4, Ethernet. */
const emptyPcap = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')

/** Machines that are made of nothing but a script. */
export function fakeProvider(script: FakeScript = {}): FakeProvider {
  const calls: string[] = []
  return {
    name: 'fake',
    calls,
    async bringUp(plan, options) {
      if (script.refuses !== undefined) throw machineryError(script.refuses)
      const machines = new Map(plan.machines.map(({ name }) => [name, fakeMachine(name, script, calls, options)]))
      for (const name of machines.keys()) options.onReady(name, 1)
      calls.push(`up ${[...machines.keys()].join(' ')}`)
      return {
        machine(name) {
          const machine = machines.get(name)
          if (!machine) throw machineryError(`cannot find machine ${name}`)
          return machine
        },
        async captureCable(endpoint, file) {
          writeFileSync(file, emptyPcap)
          calls.push(`capture ${endpoint}`)
          return {
            async end() {
              calls.push(`end capture ${endpoint}`)
            },
          }
        },
        ...(script.noCaptures === undefined ? {} : { noCaptures: script.noCaptures }),
        unsupported: (event) => script.unsupported?.(event),
        watchProcessorWaits: () => ({ end: () => script.waits ?? [] }),
        async setLink({ endpoint, state }) {
          calls.push(`link ${renderEndpoint(endpoint)} ${state}`)
        },
        async setMachine({ node, state }) {
          calls.push(`machine ${node} ${state}`)
        },
        async setNic({ endpoint, state }) {
          calls.push(`nic ${renderEndpoint(endpoint)} ${state}`)
        },
        async tearDown() {
          calls.push('tear down')
          if (script.lingers !== undefined) throw machineryError(script.lingers)
        },
        detach() {
          calls.push('let go')
        },
      }
    },
  }
}

function fakeMachine(name: string, script: FakeScript, calls: string[], { onDeath }: BringUpOptions): Machine {
  const staying = new Set<(exitCode: number) => void>()
  const start = (argv: readonly string[], options: Partial<CommandOptions>): RunningCommand => {
    const command = argv.join(' ')
    calls.push(`${name}$ ${command}`)
    const { exitCode = 0, stdout = '', stderr = '', afterMs = 0, stays, dies } = script.answer?.(name, command) ?? {}
    let finish: (exitCode: number, timedOut?: boolean) => void = () => {}
    if (argv.some((word) => word.includes('pkill'))) for (const end of staying) end(130)
    const ended = new Promise<CommandResult>((resolve, reject) => {
      const timers: NodeJS.Timeout[] = []
      const clear = () => {
        staying.delete(finish)
        options.signal?.removeEventListener('abort', aborted)
        for (const timer of timers) clearTimeout(timer)
      }
      const aborted = () => {
        clear()
        reject(options.signal?.reason)
      }
      finish = (code, timedOut = false) => {
        clear()
        resolve({ exitCode: code, stdout, stderr, cut: false, timedOut, durationMs: 0 })
      }
      const print = () => {
        if (stdout !== '') options.onOutput?.('stdout', Buffer.from(stdout))
        if (stderr !== '') options.onOutput?.('stderr', Buffer.from(stderr))
        if (dies !== undefined) {
          clear()
          onDeath(name, dies, 'the last line of its console')
          reject(machineryError(`cannot run ${argv[0]}: the connection to the machine ended`))
        } else if (stays) staying.add(finish)
        else finish(exitCode)
      }
      if (options.signal?.aborted) return aborted()
      options.signal?.addEventListener('abort', aborted, { once: true })
      timers.push(setTimeout(print, afterMs))
      if (options.timeoutMs !== undefined) timers.push(setTimeout(() => finish(137, true), options.timeoutMs))
    })
    return { ended, signal: () => finish(130), endInput: () => finish(exitCode) }
  }
  return {
    name,
    start,
    run: (argv, options) => start(argv, options).ended,
    interact: async () => 0,
  }
}
