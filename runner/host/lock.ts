import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { machineryError } from '../errors.ts'
import { diesWithRunner } from './dies-with-runner.ts'

export interface LockOptions {
  readonly signal: AbortSignal
  /** Another process has the lock. */
  onWait(): void
}

/**
 * Runs `task` while no other process runs one under the same lock file. flock(1) holds the lock and ends with its
 * standard input, so a lock never outlives the process that took it, and is never left behind.
 * @throws the signal's reason; WirelabError of kind machinery when the file can't be locked
 */
export async function withLock<T>(file: string, options: LockOptions, task: () => Promise<T>): Promise<T> {
  options.signal.throwIfAborted()
  // In a process group of its own: Ctrl-C must not take the lock away while the task still cleans up.
  // While it waits for its turn it reads nothing, so the kernel ends it with this process.
  const [program, ...words] = diesWithRunner(['flock', '--no-fork', file, 'cat'])
  const holder = spawn(program, words, { stdio: 'pipe', detached: true })
  try {
    await locked(holder, file, options)
  } catch (error) {
    holder.kill()
    throw error
  }
  try {
    return await task()
  } finally {
    holder.stdin.end()
  }
}

const waitingAfterMs = 500

async function locked(holder: ChildProcessWithoutNullStreams, file: string, { signal, onWait }: LockOptions) {
  const waiting = setTimeout(onWait, waitingAfterMs)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)

  let complaint = ''
  holder.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  holder.once('error', (error) => reject(machineryError(`cannot lock ${file}: ${error.message}`, undefined, error)))
  holder.once('close', () => reject(machineryError(`cannot lock ${file}: ${complaint.trim()}`)))
  holder.stdin.on('error', () => {})
  // flock starts cat when it has the lock, and cat gives the line back.
  holder.stdout.once('data', () => resolve())
  holder.stdin.write('\n')
  try {
    await promise
  } finally {
    clearTimeout(waiting)
    signal.removeEventListener('abort', abort)
  }
}
