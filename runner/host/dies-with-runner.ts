/**
 * A command line that the kernel ends with the thread that starts it (prctl(2), PR_SET_PDEATHSIG). It is not told when
 * that has gone before it asks to be, so it looks for itself who its parent is by then. `limits` are further options of
 * setpriv(1), which asks for the signal after all of them.
 */
export const diesWithRunner = (argv: readonly string[], limits: readonly string[] = []): [string, ...string[]] => [
  ...(['setpriv', ...limits, '--pdeathsig', 'KILL', '--'] as [string, ...string[]]),
  ...['sh', '-c', 'test "$PPID" = "$0" && exec "$@"', String(process.pid)],
  ...argv,
]
