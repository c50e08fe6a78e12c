import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../../image/image.ts'
import { type FakePath, makeFakePath } from '../../testing/fake-path.ts'

/** For tests: a PATH on which vagrant and virsh are scripts. */
export interface FakeVagrant extends FakePath {
  /** Lets Vagrant have our box. */
  addBox(name: string): void
}

/** An image that is nothing but its name. */
export const noImage = {
  name: 'debian-12',
  hostKey: '',
  clientKey: '/dev/null',
  manifest: { files: {}, hostKey: '', kernel: { release: '6.1', commandLine: 'quiet' } },
} as unknown as Image

/** Changes this process's environment: only for tests that run serially, in a file of their own. */
export function makeFakeVagrant(): FakeVagrant {
  const path = makeFakePath({ VAGRANT_DEFAULT_PROVIDER: undefined, VAGRANT_HOME: undefined })
  const home = join(path.folder, 'vagrant')
  process.env['VAGRANT_HOME'] = home
  return { ...path, addBox: (name) => void mkdirSync(join(home, 'boxes', name), { recursive: true }) }
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
