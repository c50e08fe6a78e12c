import { commandsIn } from '../../assertions/parts/shell.ts'
import type { Argv } from '../transports/transport.ts'

/** Words that a shell takes as they are: no quote, no pattern, no expansion, no operator, no assignment at the beginning. */
const plainWords = /^[\w./:@%+,-]+( [\w./:@%+,=-]+)*$/

/**
 * What a shell does by itself, or does otherwise than the program of that name (bash(1), Shell Builtin Commands and
 * Reserved Words); and what tells of the shell.
 */
const shellsOwn = new Set(
  `. : alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs disown do
  done echo elif else enable env esac eval exec exit export false fc fg fi for function getopts hash help history if in
  jobs kill let local logout mapfile popd printenv printf ps pstree pushd pwd read readarray readonly return select set
  shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait
  while`.split(/\s+/),
)

/**
 * A command as a machine runs it: of one that a shell would only pass on, without the shell, whose start costs more than
 * most commands do.
 */
export function withoutShell(argv: Argv): Argv {
  const words = commandsIn(argv)?.trim()
  if (words === undefined) return argv
  const [program = '', ...args] = words.split(' ')
  return plainWords.test(words) && !shellsOwn.has(program) ? [program, ...args] : argv
}
