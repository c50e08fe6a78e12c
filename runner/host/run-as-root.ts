import { type HostCommandOptions, type HostCommandResult, runHostCommand } from '../host-command.ts'

/**
 * Runs a program as root: of the host, when this process is root there, or else of a user namespace in which this user
 * is root and /etc/subuid and /etc/subgid give the other users. Files that it makes as root belong to this user.
 * @throws WirelabError of kind machinery, as `runHostCommand` does
 */
export const runAsRoot = (
  argv: readonly [string, ...string[]],
  options: HostCommandOptions = {},
): Promise<HostCommandResult> =>
  runHostCommand(isRoot() ? argv : ['unshare', '--map-root-user', '--map-auto', '--mount', ...argv], {
    dieWithRunner: true,
    title: argv[0],
    ...options,
  })

/** Whether this process is root. */
export const isRoot = (): boolean => process.getuid?.() === 0
