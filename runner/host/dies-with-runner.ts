/**
 * A command line that the kernel ends with the thread that starts it (prctl(2), PR_SET_PDEATHSIG). It is not told when
 * that has gone before it asks to be, so it looks for itself who its parent is by then.
 */
export const diesWithRunner = (argv: readonly string[]): [string, ...string[]] => [
  ...(['setpriv', '--pdeathsig', 'KILL', '--'] as const),
  ...['sh', '-c', 'test "$PPID" = "$0" && exec "$@"', String(process.pid)],
  ...argv,
]
