import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { homeFolder } from '../../host/cache.ts'

/** Where Vagrant keeps boxes, plugins and its index of all machines; see its documentation of VAGRANT_HOME. */
export const vagrantHome = (): string => process.env['VAGRANT_HOME'] || join(homeFolder(), '.vagrant.d')

/**
 * Makes a home in `folder` that has the user's boxes and plugins, and an index of machines of its own. Vagrant takes
 * two machines with the same name and Vagrantfile for one in its index (machine_index.rb of Vagrant 2.3.4), and gives
 * up when another Vagrant has that one locked. Returns the path.
 */
export function makeVagrantHome(folder: string): string {
  const [from, home] = [vagrantHome(), join(folder, 'home')]
  mkdirSync(home)
  const shared = readdirOrNone(from).filter((name) => name !== 'data' && name !== 'tmp')
  for (const name of shared) symlinkSync(join(from, name), join(home, name))
  return home
}

function readdirOrNone(folder: string) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
