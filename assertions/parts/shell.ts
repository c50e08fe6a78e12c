const shell = ['bash', '-eo', 'pipefail', '-c'] as const

/**
 * How commands of a lab are run, wherever they stand: by a bash that ends at the first command that fails, and for which
 * a pipe fails when any command in it does.
 */
export const shellArgv = (script: string) => [...shell, script] as const

/** The commands that are run so; undefined when the arguments are others. */
export const commandsIn = (argv: readonly string[]): string | undefined =>
  argv.length === shell.length + 1 && shell.every((word, at) => argv[at] === word) ? argv[shell.length] : undefined
