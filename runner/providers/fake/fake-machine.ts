import { writeFileSync } from 'node:fs'
import { machineryError } from '../../errors.ts'
import { afterTime } from '../../host/deadline.ts'
import type { CommandOptions, CommandResult, Connection, RunningCommand } from '../../transports/transport.ts'
import type { DrivenMachine } from '../driver.ts'
import { lookForCrashesScript } from '../guest/guest-scripts.ts'
import type { Panic } from '../panic-lines.ts'

/** What a command does on a machine that is none. Without anything it succeeds at once and prints nothing. */
export interface FakeAnswer {
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
  /** How long it takes. */
  readonly afterMs?: number
  /** It prints, and ends so much later. */
  readonly lingersMs?: number
  /** It prints, and then goes on until the end of its input, a signal or a `pkill` on its machine ends it. */
  readonly stays?: boolean
  /** What it prints on its standard error at each signal USR1, the last of them from then on; others end it. */
  readonly reports?: readonly string[]
  /** Called when it has reported. */
  readonly onReport?: () => void
  /** The machine dies of it, for this reason. */
  readonly dies?: string
  /** The machine's kernel panics of it, for this cause. */
  readonly panics?: string
}

/** The answers of machines; `calls` receives each command. */
export interface FakeAnswers {
  answer?(machine: string, command: string): FakeAnswer | undefined
  /** What a machine prints when it is asked what crashed. Without anything nothing has; the question is no call. */
  crashes?(machine: string): FakeAnswer | undefined
  /** What is saved of a machine: without it, how many calls there were. @throws what keeps it from being saved */
  save?(machine: string): string
}

export type FakeMachine = DrivenMachine

const nothingCrashed = 'user  :warn  : [   16.813719] wirelab: the lab begins\n--- units\n--- end\n'

/**
 * A machine that is nothing but its answers. It shuts down by `systemctl poweroff`, and sets NICs up or takes them down by
 * `ip link set NIC up`.
 */
export function startFakeMachine(
  name: string,
  answers: FakeAnswers,
  calls: string[],
  onNic: (nic: string, up: boolean) => void,
): FakeMachine {
  const { promise: ended, resolve: endFor } = Promise.withResolvers<string>()
  const closed = new AbortController()
  const staying = new Set<(exitCode: number) => void>()
  let panic: Panic | undefined
  const answerTo = (command: string): FakeAnswer =>
    answers.answer?.(name, command) ?? (command === 'systemctl poweroff' ? { dies: 'it shut down' } : {})
  const start = (argv: readonly string[], options: Partial<CommandOptions>): RunningCommand => {
    const command = argv.join(' ')
    if (argv.includes(lookForCrashesScript)) {
      const answer = answers.crashes?.(name) ?? { stdout: nothingCrashed }
      return runAnswer(`${argv[0]}`, answer, options, { closed: closed.signal, staying, die: () => {} })
    }
    calls.push(`${name}$ ${command}`)
    const [, nic, state] = /^ip link set (\S+) (up|down)$/.exec(command) ?? []
    if (nic !== undefined) onNic(nic, state === 'up')
    if (argv.some((word) => word.includes('pkill'))) for (const end of staying) end(130)
    const die = (reason: string, cause?: string) => {
      if (cause !== undefined) panic = { cause, lines: `Kernel panic - not syncing: ${cause}` }
      endFor(reason)
      closed.abort()
    }
    return runAnswer(`${argv[0]}`, answerTo(command), options, { closed: closed.signal, staying, die })
  }
  const connection: Connection = {
    start,
    run: (argv, options) => start(argv, options).ended,
    call: async () => '',
    interact: async () => 0,
    close: () => closed.abort(),
    ended: ended.then(() => {}),
  }
  return {
    connection,
    ended,
    panic: () => panic,
    consoleTail: () => 'the last line of its console',
    end: async () => endFor('it was ended'),
    async pause() {},
    async resume() {},
    async save(file) {
      const text = answers.save?.(name) ?? `as it was after ${calls.length} calls`
      writeFileSync(file, text, { flag: 'wx' })
      return { bytes: text.length, facts: {} }
    },
  }
}

interface Surrounds {
  /** Aborted when the connection breaks. */
  readonly closed: AbortSignal
  /** What ends the commands that stay. */
  readonly staying: Set<(exitCode: number) => void>
  die(reason: string, panic?: string): void
}

function runAnswer(
  program: string,
  answer: FakeAnswer,
  { signal, onOutput, timeoutMs, wholeIn, clock }: Partial<CommandOptions>,
  { closed, staying, die }: Surrounds,
): RunningCommand {
  const { exitCode = 0, stdout = '', stderr = '', afterMs = 0, lingersMs = 0, reports = [] } = answer
  const { promise: ended, resolve, reject } = Promise.withResolvers<CommandResult>()
  const toCallOff: (() => void)[] = []
  const clear = () => {
    staying.delete(finish)
    signal?.removeEventListener('abort', aborted)
    closed.removeEventListener('abort', broken)
    for (const callOff of toCallOff) callOff()
  }
  const aborted = () => {
    clear()
    reject(signal?.reason)
  }
  const broken = () => {
    clear()
    reject(machineryError(`cannot run ${program}: the connection to the machine ended`))
  }
  const finish = (code: number, timedOut = false) => {
    clear()
    const printed = { stdout, stderr, cut: false }
    const whole = wholeIn === undefined ? {} : { whole: printed }
    resolve({ exitCode: code, ...printed, ...whole, timedOut, durationMs: 0 })
  }
  const print = () => {
    if (stdout !== '') onOutput?.('stdout', Buffer.from(stdout))
    if (stderr !== '') onOutput?.('stderr', Buffer.from(stderr))
    if (answer.panics !== undefined) die('it ended', answer.panics)
    else if (answer.dies !== undefined) die(answer.dies)
    else if (answer.stays) staying.add(finish)
    else if (lingersMs > 0) toCallOff.push(afterTime(lingersMs, () => finish(exitCode)))
    else finish(exitCode)
  }
  if (signal?.aborted) aborted()
  else if (closed.aborted) broken()
  else {
    signal?.addEventListener('abort', aborted, { once: true })
    closed.addEventListener('abort', broken, { once: true })
    toCallOff.push(afterTime(afterMs, print))
    if (timeoutMs !== undefined) toCallOff.push(afterTime(timeoutMs, () => finish(137, true), clock))
  }
  let reported = 0
  const report = () => {
    onOutput?.('stderr', Buffer.from(reports[Math.min(reported++, reports.length - 1)] ?? ''))
    answer.onReport?.()
  }
  return {
    ended,
    signal: (name) => (name === 'USR1' ? report() : finish(130)),
    addInput() {},
    endInput: () => finish(exitCode),
  }
}
