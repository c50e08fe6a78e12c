import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PrivateHost } from './cli-process.ts'

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

/** A terminal in which a command runs: a keyboard at which is typed, and a screen that is read. */
export interface Terminal {
  /** Ends with the terminal. */
  readonly child: ChildProcess
  /** The exit code of the command. */
  readonly ended: Promise<number | null>
  type(keys: string): void
  /** Waits until the screen shows these things, one after the other, that it did not show before. */
  sees(...wanted: readonly RegExp[]): Promise<void>
}

export const [ctrlC, ctrlD] = ['\x03', '\x04'] as const

/** Starts a command in a terminal of its own. What it shows is added to the file that TRANSCRIPT names, if any. */
export function openTerminal(host: PrivateHost, words: readonly string[]): Terminal {
  const command = [process.execPath, main, ...words].map((word) => `'${word}'`).join(' ')
  const env = { ...process.env, ...host.environment, TERM: 'xterm' }
  const transcript = process.env['TRANSCRIPT'] ?? '/dev/null'
  const child = spawn('script', ['-qafec', command, transcript], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  let unread = ''
  let look = () => {}
  child.stdout.on('data', (chunk) => {
    unread += String(chunk)
    look()
  })
  const ended = once(child, 'close').then(([exitCode]) => {
    look()
    return exitCode as number | null
  })
  return {
    child,
    ended,
    type: (keys) => void child.stdin.write(keys),
    async sees(...wanted) {
      const timeout = AbortSignal.timeout(90_000)
      for (const one of wanted) {
        while (!one.test(unread)) {
          assert.ok(!timeout.aborted && child.exitCode === null, `${one} in:\n${unread}`)
          const { promise, resolve } = Promise.withResolvers<void>()
          look = resolve
          timeout.addEventListener('abort', () => resolve(), { once: true })
          await promise
        }
        const [shown = ''] = one.exec(unread) ?? []
        unread = unread.slice(unread.indexOf(shown) + shown.length)
      }
    },
  }
}
