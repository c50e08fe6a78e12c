import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'

const main = join(import.meta.dirname, 'main.ts')

/** A name that would be read as a piece of script where it is not read as a name. */
const trap = '$(touch trapped)'
const folder = writeFolder({
  'labs/alpha/lab.yaml': '',
  'labs/album/lab.yaml': '',
  'labs/none/note': '',
  [`labs/${trap}/lab.yaml`]: '',
})

const run = (program: string, words: readonly string[]) =>
  spawnSync(program, words, { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder, TERM: 'dumb' } })

const scriptOf = (shell: string) => {
  const { status, stdout } = run(process.execPath, [main, 'completion', shell])
  return status === 0 ? stdout : `it ended with ${status}`
}

const scripts = { bash: scriptOf('bash'), zsh: scriptOf('zsh'), fish: scriptOf('fish') }

/** For each shell, what it offers for the last of some words behind `wirelab`. */
const shells = {
  bash(words: readonly string[]) {
    const ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wirelab; declare -p COMPREPLY'
    return run('bash', ['--norc', '-c', scripts.bash + ask, 'bash', 'wirelab', ...words]).stdout
  },
  fish(words: readonly string[]) {
    const line = ['wirelab', ...words].join(' ')
    const { stdout } = run('fish', ['--no-config', '-c', `${scripts.fish}\ncomplete -C ${JSON.stringify(line)}`])
    return stdout.replace(/\t.*$/gm, '')
  },
  zsh(words: readonly string[]) {
    const files = { line: ['wirelab', ...words].join(' '), script: scripts.zsh, harness: zshHarness }
    const place = writeFolder(files)
    return run('zsh', ['-f', join(place, 'harness'), place]).stdout
  },
}

/** Completes a line in a zsh that has a terminal, and prints what it adds to the list of matches. */
const zshHarness = `zmodload zsh/zpty
zpty shell zsh -f -i
said() { local part; REPLY=; while zpty -r shell part; do REPLY+=$part; [[ $REPLY == *"$1"* ]] && return; done }
zpty -w shell "PS1= PS2= RPS1=; autoload -Uz compinit; compinit -u -d $1/dump; source $1/script; print rea''dy"
said ready
zpty -w shell "compadd() { local -a found; builtin compadd -O found \\"\\$@\\"; print -rl -- '' \\$found; builtin compadd \\"\\$@\\" }"
zpty -w shell "finish() { print do''ne }; zle -N finish; bindkey '^X' finish; zstyle ':completion:*' insert-tab false; print rea''dy"
said ready
zpty -n -w shell "$(<$1/line)"$'\\t\\x18'
said done
print -r -- $REPLY
zpty -d shell
`

for (const [shell, offered] of Object.entries(shells)) {
  const isThere = spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0
  const testThere = isThere ? test : test.skip
  const words = (...typed: string[]) => offered(typed).split(/[\s"]+/)

  testThere(`${shell} completes commands, and labs that are run by their name`, (t) => {
    t.true(words('mer').includes('merge'))
    t.true(words('al').includes('alpha') && words('al').includes('album'))
  })

  testThere(`${shell} completes the options of each command`, (t) => {
    t.true(words('mutate', '--sa').includes('--sample'))
    t.true(words('alpha', '--max').some((word) => word.startsWith('--max-failures')))
    t.false(words('check', '--re').includes('--results'))
    t.true(words('check', '--js').includes('--json'))
  })

  testThere(`${shell} completes labs, paths and words where a command takes them`, (t) => {
    t.true(words('check', 'al').includes('album'))
    t.false(words('check', 'no').includes('none'))
    t.true(words('image', 'bu').includes('build'))
    t.false(words('ps', 'al').includes('alpha'))
  })

  testThere(`${shell} reads no name of a lab as a command`, (t) => {
    offered(['check', ''])
    offered([''])
    t.false(readdirSync(folder).includes('trapped'))
  })
}
