import { shellWord } from '../host/shell-words.ts'
import type { CommandEntry } from './command.ts'

/** A command, as shells complete it. */
export interface Completed {
  readonly name: string
  readonly does: string
  readonly takes: NonNullable<CommandEntry['takes']>
  /** Options without a value, as `--all` and `-x`. */
  readonly flags: readonly string[]
  /** Options with a value, as `--results`; a file's name is completed for it. */
  readonly valued: readonly string[]
}

/**
 * The script by which a shell completes `wirelab`. Labs are those in `labs/` where one stands; their names come from
 * whoever made the folders, so none is ever read as a piece of script.
 */
export const renderCompletion = (shell: 'bash' | 'zsh' | 'fish', commands: readonly Completed[]): string =>
  `# Completes wirelab in ${shell}; made by "wirelab completion ${shell}".\n${renderers[shell](commands)}`

const labNames = 'for file in labs/*/lab.yaml; do'

const renderers = {
  bash: (commands: readonly Completed[]) => `_wirelab() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=run takes= words= valued= file
  case \${COMP_WORDS[1]} in
    ${commands.map(({ name }) => name).join(' | ')}) command=\${COMP_WORDS[1]} ;;
  esac
  COMPREPLY=()
  case $command in
${commands.map(bashCase).join('\n')}
  esac
  [[ $prev == = || " $valued " == *" $prev "* ]] && return
  if [[ $cur == -* ]]; then
    words="$words $valued"
  elif ((COMP_CWORD == 1)); then
    words='${commands.map(({ name }) => name).join(' ')}' takes=labs
  else
    words=$takes
  fi
  if [[ $words != labs && $words != folders && $words != files ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
  if [[ $cur != -* && $takes == labs ]]; then
    ${labNames}
      file=\${file#labs/} file=\${file%/lab.yaml}
      [[ $file != '*' && $file == "$cur"* ]] && COMPREPLY+=("$file")
    done
    compopt -o filenames
  fi
  [[ $takes == labs || $takes == folders || $takes == files ]] || compopt +o default
} 2>/dev/null
complete -o default -F _wirelab wirelab
`,

  zsh: (commands: readonly Completed[]) => `_wirelab_labs() {
  local -a names=(labs/*/lab.yaml(N:h:t))
  _alternative 'labs:lab:compadd -a names' 'files:file:_files'
}
_wirelab() {
  local -a commands=(
${commands.map(({ name, does }) => `    ${shellWord(`${name}:${does.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then
    _describe command commands
    _wirelab_labs
    return
  fi
  local command=run
  if [[ -n \${commands[(r)$words[2]:*]} ]]; then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $command in
${commands.map(zshCase).join('\n')}
  esac
}
compdef _wirelab wirelab
`,

  fish: (commands: readonly Completed[]) => `function __wirelab_labs
    for file in labs/*/lab.yaml
        string replace -r '^labs/(.*)/lab.yaml$' '$1' -- $file
    end
end
function __wirelab_is
    set -l words (commandline -opc)
    set -l command run
    contains -- "$words[2]" ${commands.map(({ name }) => name).join(' ')}; and set command $words[2]
    test $command = $argv[1]
end
complete -c wirelab -n __fish_use_subcommand -a '(__wirelab_labs)' -d lab
${commands.map(fishLines).join('\n')}
`,
}

function bashCase({ name, flags, valued, takes }: Completed): string {
  const positional = typeof takes === 'string' ? takes : takes.join(' ')
  return `    ${name}) words='${flags.join(' ')}' valued='${valued.join(' ')}' takes='${positional}' ;;`
}

function zshCase({ name, flags, valued, takes }: Completed): string {
  const positional =
    typeof takes === 'string' ? zshTakes[takes] : takes.length > 0 ? `'*:word:(${takes.join(' ')})'` : ''
  const specs = [...flags.map((flag) => `'${flag}'`), ...valued.map((option) => `'*${option}=:value:_files'`)]
  return `    ${name}) _arguments -s ${[...specs, positional].join(' ')} ;;`.replace('  ;;', ' ;;')
}

const zshTakes = { labs: `'*:lab:_wirelab_labs'`, folders: `'*:folder:_files -/'`, files: `'*:file:_files'` } as const

function fishLines({ name, does, flags, valued, takes }: Completed): string {
  const here = `complete -c wirelab -n '__wirelab_is ${name}'`
  const option = (words: string) => (words.startsWith('--') ? `-l ${words.slice(2)}` : `-s ${words.slice(1)}`)
  const positional =
    takes === 'labs'
      ? [`${here} -a '(__wirelab_labs)'`]
      : takes === 'folders' || takes === 'files'
        ? []
        : [`${here} -f${takes.length > 0 ? ` -a '${takes.join(' ')}'` : ''}`]
  const words = does.replace(/[\\']/g, '\\$&')
  return [
    `complete -c wirelab -n __fish_use_subcommand -a ${name} -d '${words}'`,
    ...positional,
    ...flags.map((flag) => `${here} ${option(flag)}`),
    ...valued.map((each) => `${here} ${option(each)} -r`),
  ].join('\n')
}
