import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** For tests: a PATH on which there are scripts and a few programs of the host, and everything else is missing. */
export interface FakePath {
  /** A folder that is also the user's cache and runtime folder. */
  readonly folder: string
  /** What a program does from now on: a piece of shell. Each call is noted. */
  program(name: string, script: string): void
  /** Calls of these programs so far, in order. */
  calls(): string[]
  remove(): void
}

const needed = ['sh', 'cat', 'flock', 'setpriv', 'stdbuf', 'sleep', 'kill', 'rm', 'perl', 'uname']

/**
 * Changes this process's environment, and what else is given: only for tests that run serially, in a file of their own.
 */
export function makeFakePath(environment: Readonly<Record<string, string | undefined>> = {}): FakePath {
  // Not in $TMPDIR, which may be closed to the user that machines run as.
  const folder = mkdtempSync(join('/tmp', 'wirelab-fake-path-'))
  const programs = join(folder, 'bin')
  const log = join(folder, 'calls')
  mkdirSync(programs)
  // The user that machines run as calls them too.
  chmodSync(folder, 0o755)
  writeFileSync(log, '')
  chmodSync(log, 0o666)
  for (const name of needed) {
    const paths = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, name))
    const found = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    if (found !== undefined) symlinkSync(found, join(programs, name))
  }
  const restore = setEnvironment({
    PATH: programs,
    XDG_CACHE_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    ...environment,
  })
  return {
    folder,
    program(name, script) {
      const text = `#!/bin/sh\necho "${name} $*" >>'${log}'\n${script}\n`
      writeFileSync(join(programs, name), text, { mode: 0o755 })
    },
    calls: () => readFileSync(log, 'utf8').trimEnd().split('\n'),
    remove() {
      restore()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Returns what sets it back. */
function setEnvironment(variables: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  const set = (pairs: Iterable<readonly [string, string | undefined]>) => {
    for (const [name, value] of pairs) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
  set(Object.entries(variables))
  return () => set(before)
}
