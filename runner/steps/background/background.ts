import { setImmediate } from 'node:timers/promises'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError } from '../../errors.ts'
import { type Clock, within } from '../../host/deadline.ts'
import { fileName } from '../../host/file-names.ts'
import type { Nodes } from '../nodes.ts'
import type { ScopeContext } from '../scope-context.ts'
import { lastLine } from '../transcript.ts'
import type { BackgroundDeclaration } from './declaration.ts'
import { type BackgroundProcess, goneExitCode, graceMs, launch } from './launch.ts'

/** A background process that was ready once. */
interface ReadyProcess {
  readonly id: string
  readonly running: BackgroundProcess
}

/** A background process that ended by itself with a failure. */
export interface DiedProcess {
  readonly id: string
  readonly exitCode: number
  /** What it printed last. */
  readonly output: string
}

/** The background processes of a scope. */
export interface Background {
  /** Starts a process on a node and waits until it is ready. Returns words when it does not become ready. */
  start(step: number, node: string, declaration: BackgroundDeclaration): Promise<string | undefined>
  /** Ends a process and all its children. Returns words when it had failed by itself before, or was never started. */
  stop(step: number, id: string): Promise<string | undefined>
  /**
   * What a process printed so far; exit code -1 while it runs.
   * @throws WirelabError when it was never started, or its machine does not run, so that nobody knows what it would print
   */
  answer(id: string): Answer
  /** Waits until those on a machine have ended that are meant, as long as a claim may take to become true. */
  untilEnded(machine: string, isMeant: (id: string) => boolean): Promise<void>
  /** Those on a machine that ended by themselves with a failure, though no step stopped them. */
  died(machine: string): readonly DiedProcess[]
  /** Those that run, by their ids. */
  running(): readonly string[]
  /** Closes the logs. The processes end with their machines. */
  close(): void
}

/** As long as what a process printed is waited for. */
const untilEndedMs = 5000

/** Keeps the background processes of a scope, whose limits are counted by `clock`. */
export function backgroundOf(context: ScopeContext, nodes: Nodes, clock: Clock): Background {
  const { emit, signal } = context
  const processes = new Map<string, BackgroundProcess>()
  const ran: ReadyProcess[] = []

  const reportEnd = (step: number, id: string, { node, log, output, exitCode }: BackgroundProcess) =>
    emit({
      type: 'process-ended',
      step,
      process: id,
      node,
      exitCode: exitCode() ?? goneExitCode,
      ...output.printed(),
      log,
      ...(output.lostBytes() === 0 ? {} : { lostBytes: output.lostBytes() }),
    })

  const stop = async (running: BackgroundProcess) => {
    await running.endSession()
    await within(running.ended, graceMs, `cannot stop a process on ${running.node}`, signal, clock)
  }

  return {
    async start(step, node, declaration) {
      const { id, text, withinMs } = declaration
      const startedMs = performance.now()
      const before = processes.get(id)
      if (before !== undefined && before.exitCode() === undefined) return `process ${id} runs already`
      before?.output.close()
      const log = `process-${fileName(id)}-${String(step + 1).padStart(2, '0')}.log`
      const running = launch(declaration, node, log, context, nodes)
      processes.set(id, running)
      try {
        if (await isReady(running, declaration, signal, clock)) {
          const durationMs = performance.now() - startedMs
          ran.push({ id, running })
          emit({ type: 'process-started', step, process: id, node, command: text, durationMs })
          return undefined
        }
      } catch (error) {
        if (signal.aborted) throw error
        await stop(running)
        reportEnd(step, id, running)
        return `process ${id} was not ready within ${withinMs / 1000} s: ${wantedOf(declaration)}`
      }
      reportEnd(step, id, running)
      const { stdout, stderr } = running.output.printed()
      return `process ${id} ended with exit code ${running.exitCode()} before it was ready${lastLine(stderr || stdout)}`
    },
    async stop(step, id) {
      const running = processes.get(id)
      if (!running) return `process ${id} was never started`
      const before = running.exitCode()
      await stop(running)
      reportEnd(step, id, running)
      return before ? `process ${id} had ended by itself with exit code ${before}` : undefined
    },
    answer(id) {
      const running = processes.get(id)
      if (!running) throw machineryError(`cannot read process ${id}: it was never started`)
      nodes.machineOf(running.node)
      return { ...running.output.whole(), exitCode: running.exitCode() ?? -1, timedOut: false }
    },
    untilEnded: (machine, isMeant) => untilEnded(ran.filter(isOn(machine, isMeant)), signal, clock),
    died: (machine) => ran.filter(isOn(machine)).flatMap(diedOf),
    running: () => [...processes].flatMap(([id, { exitCode }]) => (exitCode() === undefined ? [id] : [])),
    close() {
      for (const { output } of processes.values()) output.close()
    },
  }
}

const isOn =
  (machine: string, isMeant = (_id: string) => true) =>
  ({ id, running }: ReadyProcess) =>
    running.machine === machine && isMeant(id)

async function untilEnded(awaited: readonly ReadyProcess[], signal: AbortSignal, clock: Clock): Promise<void> {
  const ends = Promise.all(awaited.map(({ running }) => running.ended))
  // What has not ended by then goes on.
  await within(ends, untilEndedMs, 'cannot wait for processes', signal, clock).catch(() => signal.throwIfAborted())
}

function diedOf({ id, running }: ReadyProcess): readonly DiedProcess[] {
  const exitCode = running.failedBy()
  if (exitCode === undefined) return []
  const { stdout, stderr } = running.output.printed()
  return [{ id, exitCode, output: stderr || stdout }]
}

/**
 * Waits until a process is ready, or has ended. What need not be ready may be done already, unless it failed; an end
 * that came together with its beginning counts as one.
 */
async function isReady(
  { ready, ended, exitCode }: BackgroundProcess,
  declaration: BackgroundDeclaration,
  signal: AbortSignal,
  clock: Clock,
): Promise<boolean> {
  const first = Promise.race([ready.then(() => true), ended.then(() => false)])
  const wasReady = await within(first, declaration.withinMs, 'not ready', signal, clock)
  if (declaration.ready !== undefined || declaration.readyPort !== undefined) return wasReady
  await setImmediate()
  return exitCode() === undefined || exitCode() === 0
}

const wantedOf = ({ ready, readyPort }: BackgroundDeclaration) =>
  [
    ...(ready === undefined ? [] : [`its output does not contain "${ready}"`]),
    ...(readyPort === undefined ? [] : [`nothing may listen on port ${readyPort} yet`]),
  ].join(', ') || 'it did not begin'
