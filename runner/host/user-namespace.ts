import { readFile } from 'node:fs/promises'
import { machineryError, messageOf } from '../errors.ts'
import { runHostCommand } from './host-command.ts'
import { ownUser } from './own-user.ts'
import { isRoot, runAsRoot } from './run-as-root.ts'

/** How many subordinate IDs a Debian system's users take. */
const idCount = 65_536

/**
 * Sees to it that `runAsRoot` works for this user, by trying it.
 * @throws WirelabError of kind machinery that says what an administrator must change
 */
export async function demandUserNamespace(signal: AbortSignal): Promise<void> {
  if (isRoot()) return
  const { name: username, uid } = ownUser()
  const [users, groups] = await Promise.all(['/etc/subuid', '/etc/subgid'].map(readIfThere))
  if (!hasIds(users ?? '', username, uid) || !hasIds(groups ?? '', username, uid)) {
    const first = firstFreeId(`${users ?? ''}\n${groups ?? ''}`)
    const range = `${first}-${first + idCount - 1}`
    throw machineryError(
      `cannot build an image as ${username}: /etc/subuid and /etc/subgid give this user no subordinate IDs`,
      `An administrator must run: usermod --add-subuids ${range} --add-subgids ${range} ${username}`,
    )
  }
  // First without a range of IDs: where no namespace may be made, unshare(1) leaves a child when it has to map one.
  const tried = runHostCommand(['unshare', '--user', 'true'], { signal }).then(() => runAsRoot(['true'], { signal }))
  await tried.catch((error: unknown) => {
    signal.throwIfAborted()
    throw machineryError(
      `cannot build an image as ${username}: this host does not let ordinary users make namespaces (${messageOf(error)})`,
      'An administrator can allow it: user.max_user_namespaces, kernel.unprivileged_userns_clone and ' +
        'kernel.apparmor_restrict_unprivileged_userns of sysctl(8) decide. Or run the set-up as root.',
      error,
    )
  })
}

/** Whether subuid(5) lines give a user enough IDs. */
export const hasIds = (lines: string, username: string, uid: number): boolean =>
  readRanges(lines).some(({ owner, count }) => (owner === username || owner === String(uid)) && count >= idCount)

/** The first ID above all ranges of subuid(5) lines. */
export const firstFreeId = (lines: string): number =>
  Math.max(100_000, ...readRanges(lines).map(({ first, count }) => first + count))

const readRanges = (lines: string) =>
  lines.split('\n').flatMap((line) => {
    const [owner = '', first, count] = line.trim().split(':')
    return count === undefined ? [] : [{ owner, first: Number(first), count: Number(count) }]
  })

const readIfThere = (path: string) => readFile(path, 'utf8').catch(() => '')
