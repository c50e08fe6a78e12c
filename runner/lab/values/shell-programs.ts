import { shellCommands } from './shell-commands.ts'

/** A program that a script starts by its name. */
export interface ShellProgram {
  readonly name: string
  /** How often the name stands in the script before. */
  readonly nth: number
}

/** What bash does by itself (bash(1), Shell Builtin Commands and Reserved Words). */
const shellsOwn = new Set(
  `alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs disown do done
  echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let
  local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test then
  time times trap true type typeset ulimit umask unalias unset until wait while`.split(/\s+/),
)

/**
 * The programs that a script starts, each once: first words of its commands that are plain, and not the shell's or the
 * script's own. What is in parentheses, conditions in brackets and cases is not looked into.
 */
export function programsIn(script: string): readonly ShellProgram[] {
  const found = new Map<string, ShellProgram>()
  const own = new Set(
    Array.from(script.matchAll(/([\w.+-]+)\s*\(\s*\)|\bfunction\s+([\w.+-]+)/g), (it) => it[1] ?? it[2]),
  )
  for (const { start, text, simple } of shellCommands(script)) {
    if (/\[\[|\bcase\b|\balias\b/.test(text)) continue
    for (const command of simple) {
      const name = /^(?:\\\n\s*)*(?:\w+=[\w./:,@%+-]*\s+)*([A-Za-z][\w.+-]*)(?=\s|$)/.exec(command)?.[1]
      if (name === undefined || shellsOwn.has(name) || own.has(name) || found.has(name)) continue
      const at = start + Math.max(0, text.indexOf(command))
      found.set(name, { name, nth: script.slice(0, at).split(name).length - 1 })
    }
  }
  return [...found.values()]
}

/** Names that scripts may make programs of: ends of paths, and what is asked for before it is used. */
export const namesMadeIn = (script: string): readonly string[] =>
  Array.from(
    script.matchAll(/\/([\w.+-]+)(?![\w.+/-])|\b(?:command -v|type|which|hash)\s+(?:-\w+\s+)*([\w.+-]+)/g),
    (match) => match[1] ?? match[2] ?? '',
  )

/** Whether a script brings programs whose names nobody can tell, or looks for them elsewhere. */
export const bringsPrograms = (script: string): boolean =>
  /\bPATH=|\b(?:apt|apt-get|dpkg|pip3?|npm|cargo|gem|make)\b[^\n;|&]*\s(?:-i|install)\b/.test(script)
