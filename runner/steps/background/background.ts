import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../../assertions/assertion.ts'
import { machineryError, messageOf } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { BackgroundDeclaration } from '../../lab/lab.ts'
import { boundedOutput } from '../../transports/bounded-output.ts'
import type { Nodes } from '../nodes.ts'
import type { ScopeContext } from '../scope-context.ts'

/** The background processes of a scope. */
export interface Background {
  /** Starts a process on a node and waits until it is ready. Returns words when it does not become ready. */
  start(step: number, node: string, declaration: BackgroundDeclaration): Promise<string | undefined>
  /** Ends a process and all its children. Returns words when it had failed by itself before, or was never started. */
  stop(step: number, id: string): Promise<string | undefined>
  /** What a process printed so far; exit code -1 while it runs. @throws WirelabError when it was never started */
  answer(id: string): Answer
  /** Closes the logs. The processes end with their machines. */
  close(): void
}

interface BackgroundProcess {
  readonly node: string
  /** The whole output; path in the results folder. */
  readonly log: string
  output(): Pick<Answer, 'stdout' | 'stderr'> & { cut: boolean }
  exitCode: number | undefined
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Ends the process and all its children that did not leave its session. */
  endSession(): Promise<void>
  close(): void
}

const outputBytes = 256 * 1024
const logLimitBytes = 256 * 1024 * 1024
/** How long a process has to end after each signal. */
const graceMs = 3000
/** Stands for a process whose machine is gone: as if KILL had ended it. */
const goneExitCode = 137

/** Keeps the background processes of a scope. */
export function backgroundOf(context: ScopeContext, nodes: Nodes): Background {
  const { emit, signal } = context
  const processes = new Map<string, BackgroundProcess>()

  const reportEnd = (step: number, id: string, { node, log, output, exitCode = goneExitCode }: BackgroundProcess) =>
    emit({ type: 'process-ended', step, process: id, node, exitCode, ...output(), log })

  const stop = async (running: BackgroundProcess) => {
    await running.endSession()
    await within(running.ended, graceMs, `cannot stop a process on ${running.node}`, signal)
  }

  return {
    async start(step, node, declaration) {
      const { id, text, ready, readyPort, withinMs } = declaration
      const startedMs = performance.now()
      if (processes.get(id)?.exitCode === undefined && processes.has(id)) return `process ${id} runs already`
      const log = `process-${id}-${String(step + 1).padStart(2, '0')}.log`
      const running = launch(declaration, node, log, context, nodes)
      processes.set(id, running.process)
      const ended = running.process.ended.then(() => 'ended' as const)
      try {
        const first = await within(
          Promise.race([running.ready.then(() => 'ready' as const), ended]),
          withinMs,
          'not ready',
          signal,
        )
        // What need not be ready may be done already.
        const isDone = ready === undefined && readyPort === undefined && running.process.exitCode === 0
        if (first === 'ready' || isDone) {
          const durationMs = performance.now() - startedMs
          emit({ type: 'process-started', step, process: id, node, command: text, durationMs })
          return undefined
        }
      } catch (error) {
        if (signal.aborted) throw error
        await stop(running.process)
        reportEnd(step, id, running.process)
        return `process ${id} was not ready within ${withinMs / 1000} s: ${wantedOf(declaration)}`
      }
      reportEnd(step, id, running.process)
      const { stdout, stderr } = running.process.output()
      const words = (stderr || stdout).trimEnd().split('\n').at(-1)?.slice(0, 300)
      return `process ${id} ended with exit code ${running.process.exitCode} before it was ready${words ? `: ${words}` : ''}`
    },
    async stop(step, id) {
      const running = processes.get(id)
      if (!running) return `process ${id} was never started`
      const before = running.exitCode
      await stop(running)
      reportEnd(step, id, running)
      return before ? `process ${id} had ended by itself with exit code ${before}` : undefined
    },
    answer(id) {
      const running = processes.get(id)
      if (!running) throw machineryError(`cannot read process ${id}: it was never started`)
      const { stdout, stderr } = running.output()
      return { exitCode: running.exitCode ?? -1, stdout, stderr, timedOut: false }
    },
    close() {
      for (const running of processes.values()) running.close()
    },
  }
}

const wantedOf = ({ ready, readyPort }: BackgroundDeclaration) =>
  [
    ...(ready === undefined ? [] : [`its output does not contain "${ready}"`]),
    ...(readyPort === undefined ? [] : [`nothing may listen on port ${readyPort} yet`]),
  ].join(', ') || 'it did not begin'

/** Prints the process's session, then becomes the lab's shell: who knows the session can end all that it started. */
const wrapper = 'echo $$; exec bash -c "$0"'

function launch(
  { text, ready, readyPort, withinMs }: BackgroundDeclaration,
  node: string,
  logName: string,
  { folder, folderInResults, signal }: ScopeContext,
  nodes: Nodes,
): { process: BackgroundProcess; ready: Promise<void> } {
  const stdout = boundedOutput(outputBytes)
  const stderr = boundedOutput(outputBytes)
  let log: number | undefined = openSync(join(folder, logName), 'w')
  let logged = 0
  let session: string | undefined
  let head = ''
  let printed = ''
  const begun = promiseOf()
  const said = promiseOf()
  if (ready === undefined) said.resolve()

  const receive = (kept: typeof stdout, chunk: Uint8Array) => {
    kept.add(chunk)
    if (log !== undefined && logged < logLimitBytes) writeSync(log, chunk)
    logged += chunk.length
    if (ready === undefined) return
    printed = (printed + Buffer.from(chunk).toString('latin1')).slice(-outputBytes)
    if (printed.includes(Buffer.from(ready).toString('latin1'))) said.resolve()
  }
  const machine = nodes.machineOf(node)
  const running = machine.start(nodes.argvOn(node, ['setsid', '--wait', 'bash', '-c', wrapper, text]), {
    onOutput(stream, chunk) {
      if (stream === 'stderr') return receive(stderr, chunk)
      if (session !== undefined) return receive(stdout, chunk)
      head += Buffer.from(chunk).toString('latin1')
      const end = head.indexOf('\n')
      if (end < 0) return
      session = head.slice(0, end)
      begun.resolve()
      if (end + 1 < head.length) receive(stdout, Buffer.from(head.slice(end + 1), 'latin1'))
    },
  })
  const process: BackgroundProcess = {
    node,
    log: join(folderInResults, logName),
    output: () => ({ stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut || stderr.cut }),
    exitCode: undefined,
    ended: running.ended.then(
      ({ exitCode }) => {
        process.exitCode = exitCode
      },
      (error) => {
        // Its machine is gone, and it with it.
        stderr.add(Buffer.from(`[${messageOf(error)}]\n`))
        process.exitCode = goneExitCode
      },
    ),
    async endSession() {
      if (session === undefined) running.signal('KILL')
      // A machine that is gone has taken its processes along.
      else if (process.exitCode === undefined || process.exitCode !== goneExitCode)
        await machine.run(['sh', '-c', endSession, session], { timeoutMs: 5 * graceMs, signal })
    },
    close() {
      if (log !== undefined) closeSync(log)
      log = undefined
    },
  }
  const listens = async () => {
    if (readyPort === undefined) return
    const timeoutMs = withinMs + graceMs
    const options = { timeoutMs, signal }
    const { exitCode, stderr: words } = await nodes.run(node, ['sh', '-c', waitForPort, String(readyPort)], options)
    if (exitCode !== 0) throw machineryError(`cannot wait for port ${readyPort} on ${node}: ${words.trim()}`)
  }
  const isReady = async () => {
    await begun.promise
    await said.promise
    await listens()
  }
  return { process, ready: isReady() }
}

/** Ends the processes of the session that is its argument; each signal has three seconds to do so. */
const endSession = `for name in INT TERM KILL; do
  pkill -$name --session "$0" || exit 0
  tries=0
  while pgrep --session "$0" >/dev/null && [ $tries -lt 30 ]; do tries=$((tries + 1)); sleep 0.1; done
done`

/** Ends when something listens on the port that is its argument. */
const waitForPort = 'until ss -Hltun "sport = :$0" | grep -q .; do sleep 0.1; done'

function promiseOf(): { promise: Promise<void>; resolve(): void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}
