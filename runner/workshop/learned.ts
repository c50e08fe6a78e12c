import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { attempt } from '../errors.ts'
import { homeFolder } from '../host/cache.ts'
import { fileName } from '../host/file-names.ts'
import { demandTrusted, makeFolders, readOwnFile } from '../host/trusted-folder.ts'
import { nameOf } from './records.ts'

/** How far somebody has come in a lab. Outlives the lab's machines. */
export interface Learned {
  /** Absolute path of the lab file. */
  readonly file: string
  /** How many steps are done and checked. */
  readonly done: number
  /** The name of the last of them: another one stands there when the lab was changed. */
  readonly last?: string | undefined
}

/** Where a lab's is kept: in $XDG_STATE_HOME, or in ~/.local/state. @throws WirelabError of kind machinery */
export function learnedFile(
  lab: { readonly lab: string; readonly variant: string },
  environment = process.env,
): string {
  const configured = environment['XDG_STATE_HOME'] ?? ''
  const state = isAbsolute(configured) ? configured : join(homeFolder(environment), '.local', 'state')
  return join(state, 'wirelab', 'learn', `${fileName(nameOf(lab))}.json`)
}

/** What is kept there; undefined when nothing is. */
export function readLearned(path: string): Learned | undefined {
  try {
    return JSON.parse(readOwnFile(path)) as Learned
  } catch {
    return undefined
  }
}

/** Keeps it; undefined removes it. @throws WirelabError of kind machinery */
export function keepLearned(path: string, learned: Learned | undefined): void {
  if (learned === undefined) {
    rmSync(path, { force: true })
    return
  }
  const folder = join(path, '..')
  attempt(`write ${path}`, () => {
    makeFolders(folder, 0o700)
    demandTrusted(folder)
    writeFileSync(`${path}.new`, JSON.stringify(learned), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  })
}
