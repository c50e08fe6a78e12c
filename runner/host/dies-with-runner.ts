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

/** A shell between the command and its standard input, which it alone reads. */
const watchInput = `exec 3<&0
"$@" 3<&- </dev/null &
command=$!
{ read -r _ <&3; kill -KILL "$command"; } >/dev/null 2>&1 &
wait "$command"
code=$?
kill "$!"
exit "$code"`

/**
 * A command line that ends when its standard input does: for what becomes another user by sudo(8), which no signal of
 * this process reaches, and whose parent's death the kernel does not tell. Stands behind `sudo`; `heldInput` of
 * `tryHostCommand` goes with it.
 */
export const endsWithInput = (argv: readonly string[]): [string, ...string[]] => ['sh', '-c', watchInput, 'sh', ...argv]
