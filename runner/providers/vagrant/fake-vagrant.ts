import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Image } from '../../image/image.ts'

/** For tests: a PATH on which vagrant and virsh are scripts, and everything else that is not needed is missing. */
export interface FakeVagrant {
  readonly folder: string
  /** What a program does from now on: a piece of shell. Each call is noted. */
  program(name: 'vagrant' | 'virsh', script: string): void
  /** Calls of both programs so far, in order. */
  calls(): string[]
  /** Lets Vagrant have our box. */
  addBox(name: string): void
  remove(): void
}

/** An image that is nothing but its name. */
export const noImage = {
  name: 'debian-12',
  hostKey: '',
  clientKey: '/dev/null',
  manifest: { files: {}, hostKey: '' },
} as unknown as Image

const needed = ['sh', 'cat', 'flock', 'setpriv', 'stdbuf', 'sleep', 'kill']
const variables = ['PATH', 'VAGRANT_HOME', 'VAGRANT_DEFAULT_PROVIDER', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'] as const

/** Changes this process's environment: only for tests that run serially, in a file of their own. */
export function makeFakeVagrant(): FakeVagrant {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-fake-vagrant-'))
  const programs = join(folder, 'bin')
  const log = join(folder, 'calls')
  mkdirSync(programs)
  writeFileSync(log, '')
  const before = variables.map((name) => [name, process.env[name]] as const)
  for (const name of needed) {
    const found = (process.env['PATH'] ?? '').split(delimiter).find((path) => isThere(join(path, name)))
    if (found !== undefined) symlinkSync(join(found, name), join(programs, name))
  }
  process.env['PATH'] = programs
  process.env['VAGRANT_HOME'] = join(folder, 'vagrant')
  process.env['XDG_CACHE_HOME'] = folder
  process.env['XDG_RUNTIME_DIR'] = folder
  delete process.env['VAGRANT_DEFAULT_PROVIDER']
  return {
    folder,
    program(name, script) {
      const text = `#!/bin/sh\necho "${name} $*" >>'${log}'\n${script}\n`
      writeFileSync(join(programs, name), text, { mode: 0o755 })
    },
    calls: () => readFileSync(log, 'utf8').trimEnd().split('\n'),
    addBox: (name) => mkdirSync(join(folder, 'vagrant', 'boxes', name), { recursive: true }),
    remove() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isThere(path: string) {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}

/** A virsh that answers what libvirt with these domains and volumes would. */
export const virshWith = (domains: readonly string[], volumes: readonly string[] = []): string => `
case $4 in
list) printf '%s\\n' ${domains.map((name) => `'${name}'`).join(' ')} ;;
pool-list) echo default ;;
vol-list) ${volumes.map((name) => `echo ' ${name}   /a path/${name}'`).join('; ') || ':'} ;;
net-list) echo wirelab ;;
event) exec sleep 60 ;;
esac`
