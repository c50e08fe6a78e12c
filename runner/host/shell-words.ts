/** A plain word needs no quotes in any shell. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One argument as a word of a POSIX shell, quoted only when it needs to be. */
export const shellWord = (argument: string) =>
  plain.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`

/** An argument vector as a line that a POSIX shell splits into the same arguments. */
export const shellLine = (argv: readonly string[]) => argv.map(shellWord).join(' ')
