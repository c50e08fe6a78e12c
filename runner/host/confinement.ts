import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { diesWithRunner } from './dies-with-runner.ts'
import { isRoot } from './run-as-root.ts'

/** Who runs a program that is not trusted: a user and group that nothing else belongs to. */
export interface ConfinedUser {
  readonly uid: number
  /** The group of /dev/kvm, where that may be used by a group. */
  readonly groups: readonly number[]
}

/**
 * User ids that systemd gives to services for as long as they run (its docs/UIDS-GIDS), and that no package or person
 * has. Each run takes one, so that runs that happen at the same time hardly ever share it.
 */
const firstUid = 61_184
const uids = 4_096

/**
 * What it takes to run a program as another user, to give it files, to clear away what it made, and to end it
 * (capabilities(7)): CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID.
 */
const needed = [0, 1, 5, 6, 7]
/** CAP_SETPCAP: to have no way back. */
const setPcap = 8

/** The user for programs that are not trusted; undefined when they run as this process's own user. */
export function confinedUser(status = ownStatus(), uidMap = readFileSync('/proc/self/uid_map', 'utf8')) {
  const uid = firstUid + (process.pid % uids)
  if (!isRoot() || !needed.every((one) => has(status, one)) || !isMapped(uidMap, uid)) return undefined
  const kvm = statSync('/dev/kvm', { throwIfNoEntry: false })
  return { uid, groups: kvm && kvm.gid !== 0 && (kvm.mode & 0o060) === 0o060 ? [kvm.gid] : [] } satisfies ConfinedUser
}

const ownStatus = () => readFileSync('/proc/self/status', 'utf8')

/** Whether a process has a capability, by its number. */
const has = (status: string, capability: number) =>
  ((BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1] ?? 0}`) >> BigInt(capability)) & 1n) === 1n

/** Whether a user of this id exists in this user namespace (user_namespaces(7)). */
const isMapped = (uidMap: string, uid: number) =>
  uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => uid >= first && uid < first + count)

/**
 * A command line whose program has no capabilities, can't get any, and is the confined user. It ends with this process
 * unless it outlives it: a change of user takes that back, so it is asked for after that.
 */
export function confined(argv: readonly string[], outlives: boolean): [string, ...string[]] {
  const user = confinedUser()
  const limits = [
    ...(user === undefined ? [] : ['--reuid', `${user.uid}`, '--regid', `${user.uid}`]),
    ...(user === undefined ? [] : user.groups.length > 0 ? ['--groups', user.groups.join()] : ['--clear-groups']),
    ...(has(ownStatus(), setPcap) ? ['--bounding-set=-all'] : []),
    ...['--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs'],
  ]
  return outlives ? ['setpriv', ...limits, '--', ...argv] : diesWithRunner(argv, limits)
}

/**
 * What a program prints that runs as the confined user of some run; '' when it fails, or that user is no such one. Root
 * that lacks CAP_SYS_PTRACE, as in most containers, may not look at processes of that user, who may.
 */
export function printedAsConfined(uid: number, argv: readonly string[]): string {
  if (!isRoot() || uid < firstUid || uid >= firstUid + uids) return ''
  const user = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--']
  const { status, stdout } = spawnSync('setpriv', [...user, ...argv], { encoding: 'utf8' })
  return status === 0 ? stdout.trimEnd() : ''
}

/** Whether the confined user may read and write a file. */
export function confinedMayUse({ mode, gid }: Pick<Stats, 'mode' | 'gid'>): boolean {
  const user = confinedUser()
  if (user === undefined) return true
  return (mode & 0o006) === 0o006 || ((mode & 0o060) === 0o060 && user.groups.includes(gid))
}

/** Makes a file or folder the confined user's. */
export function giveToConfined(path: string): void {
  const user = confinedUser()
  if (user !== undefined) chownSync(path, user.uid, user.uid)
}

/** Takes a file or folder back. */
export function takeFromConfined(path: string): void {
  if (confinedUser() !== undefined) chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
}

/** Makes a folder of the confined user's own. Nobody else but root can enter it. */
export function makeConfinedFolder(path: string): void {
  mkdirSync(path, { mode: 0o700 })
  giveToConfined(path)
}

/** Lets the confined user reach files in a folder whose names it knows. */
export function letConfinedThrough(folder: string): void {
  if (confinedUser() !== undefined) chmodSync(folder, statSync(folder).mode | 0o001)
}
