import { spawn } from 'node:child_process'
import { machineryError } from '../runner/errors.ts'

/** A checkout whose commands are measured. */
export interface Tree {
  readonly name: 'this' | 'before'
  /** Absolute path. */
  readonly root: string
  /** As git describes it. */
  readonly commit: string
}

export interface NpmOptions {
  readonly signal: AbortSignal
  /** The exit code that it must have; 0 when left out. */
  readonly exitCode?: number
  /** A program, with arguments, that the command is given to. */
  readonly through?: readonly string[]
  /** Called every 20 ms while it runs, with its process's number. */
  watch?(pid: number): void
}

/**
 * Runs an npm script of a checkout as a person would, from its root. Returns how long it took in milliseconds. When the
 * signal comes, the command is told to end, and is waited for.
 * @throws WirelabError of kind machinery when its exit code is another; the signal's reason; what `watch` throws
 */
export async function runNpm({ root }: Tree, words: readonly string[], options: NpmOptions): Promise<number> {
  const { signal, through = [], exitCode = 0, watch } = options
  signal.throwIfAborted()
  const [program = 'npm', ...rest] = [...through, 'npm', 'run', '--silent', ...words]
  const startedMs = performance.now()
  const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end)
  let tail = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-2000)
    })
  const fault = Promise.withResolvers<never>()
  const look = () => {
    try {
      if (child.pid !== undefined && child.exitCode === null) watch?.(child.pid)
    } catch (error) {
      end()
      fault.reject(error)
    }
  }
  const timer = watch && setInterval(look, 20)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  try {
    const code = await Promise.race([ended, fault.promise.catch((error) => ended.then(() => Promise.reject(error)))])
    const wallMs = performance.now() - startedMs
    signal.throwIfAborted()
    if (code === exitCode) return wallMs
    const why = tail.trim().split('\n').slice(-15).join('\n')
    throw machineryError(`cannot measure "npm run ${words.join(' ')}": its exit code was ${code}\n${why}`)
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', end)
  }
}
