import { type HostCommandOptions, type HostCommandResult, runHostCommand, tryHostCommand } from './host-command.ts'

type Command = readonly [string, ...string[]]

/**
 * Runs a program as root: of the host, when this process is root there, or else of a user namespace in which this user
 * is root and /etc/subuid and /etc/subgid give the other users. Files that it makes as root belong to this user.
 * It has mounts and processes of its own, so when it is ended, or this process dies, nothing of it is left running.
 * @throws WirelabError of kind machinery, as `runHostCommand` does
 */
export const runAsRoot = async (argv: Command, options: HostCommandOptions = {}): Promise<HostCommandResult> =>
  await runHostCommand(await enclosed(argv), {
    title: argv[0],
    ...options,
    dieWithRunner: true,
    stopSignal: 'SIGKILL',
  })

/** Whether this process is root. */
export const isRoot = (): boolean => process.getuid?.() === 0

/** When `unshare` is killed, the first process of its namespace is, and with it all that the namespace holds. */
async function enclosed(argv: Command): Promise<Command> {
  const enclosure = ['unshare', ...(isRoot() ? [] : ['--map-root-user', '--map-auto']), '--mount', '--pid'] as const
  const wrap = (command: Command): Command => [...enclosure, '--kill-child', ...command]
  if (!isRoot()) return wrap(argv)
  // Root of a container may lack the privilege. Then it goes without.
  const { exitCode } = await tryHostCommand(wrap(['true']))
  return exitCode === 0 ? wrap(argv) : argv
}
