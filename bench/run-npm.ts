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
  const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const end = () => endGroup(child.pid)
  signal.addEventListener('abort', end)
  let tail = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-2000)
    })
  const faults: unknown[] = []
  const look = () => {
    try {
      if (child.pid !== undefined && child.exitCode === null) watch?.(child.pid)
    } catch (error) {
      clearInterval(timer)
      end()
      faults.push(error)
    }
  }
  const timer = watch && setInterval(look, 20)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  try {
    const code = await ended
    const wallMs = performance.now() - startedMs
    signal.throwIfAborted()
    if (faults.length > 0) throw faults[0]
    if (code === exitCode) return wallMs
    const why = tail.trim().split('\n').slice(-15).join('\n')
    throw machineryError(`cannot measure "npm run ${words.join(' ')}": its exit code was ${code}\n${why}`)
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', end)
  }
}

/** npm passes a signal on to a shell, and that does not: so all of the process group gets it, unless it has ended. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGTERM')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
