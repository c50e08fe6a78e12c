import { execFileSync, type StdioOptions } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A user that is not root and has nothing: Debian's nobody. */
export const otherUid = 65_534

/** Why tests can't do things as another user; false when they can. For `skip` of node:test. */
export const noOtherUser = process.getuid?.() === 0 ? false : 'only root can do things as another user'

/** Runs a program as another user. @throws Error when it fails */
export const asOtherUser = (program: string, ...words: string[]): string => asUser(otherUid, program, words)

/** Runs a program as a user of any number. Returns what it prints. @throws Error when it fails */
export const asUser = (uid: number, program: string, words: readonly string[], stdio: StdioOptions = 'pipe'): string =>
  execFileSync('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', program, ...words], {
    encoding: 'utf8',
    stdio,
  })

/** Makes a folder like /tmp, in which every user may make entries. `remove` it in the end. */
export function makeSharedFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join('/tmp', 'wl-shared-'))
  chmodSync(path, 0o1777)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
