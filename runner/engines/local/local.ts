import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startOf } from '../../host/process-identity.ts'
import { commonSettings, type Engine, type EngineKind } from '../engine.ts'

const settings = z.strictObject(commonSettings)

/** This host: each part is a process, and all begin at once. */
export const local: EngineKind<z.infer<typeof settings>> = { settings, make: makeLocal }

function makeLocal({ parts, processors = 1 }: z.infer<typeof settings>): Engine {
  return {
    processors,
    cut: (scopes) => Math.min(scopes, parts ?? Math.max(1, Math.floor(availableParallelism() / processors))),
    submit: async ({ parts: numbers, script, folder, attempt }) =>
      numbers.map((part) => startPart(part, script, join(folder, `part-${part}.${attempt}.log`))).join(','),
    watch: async (submissions) =>
      submissions.map(({ id, parts: numbers }) => {
        const processes = id.split(',')
        const stateOf = (at: number) => ({ state: isAlive(processes[at] ?? '') ? 'running' : 'gone' }) as const
        return new Map(numbers.map((part, at) => [part, stateOf(at)]))
      }),
    async cancel(id) {
      for (const one of id.split(',')) if (isAlive(one)) process.kill(pidOf(one), 'SIGTERM')
    },
  }
}

/** Starts a process that outlives this one. Returns its number, and when it started. */
function startPart(part: number, script: string, log: string): string {
  const output = openSync(log, 'w')
  try {
    const words = ['-c', `part=${part}\n${script}`]
    const child = spawn('sh', words, { detached: true, stdio: ['ignore', output, output] })
    // Without a process there is nothing to watch, and the part is lost.
    child.on('error', () => {})
    child.unref()
    return `${child.pid ?? 0}.${startOf(child.pid ?? 0)}`
  } finally {
    closeSync(output)
  }
}

const pidOf = (id: string) => Number(id.split('.')[0])

/** One that was gone before anybody could ask when it started has no time of that in its number. */
function isAlive(id: string): boolean {
  const [pid, start = ''] = id.split('.')
  return start !== '' && startOf(Number(pid)) === start
}
