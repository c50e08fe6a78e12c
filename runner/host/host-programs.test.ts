import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { hostPackages } from './host-packages.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const privateLibvirt = 'runner/providers/vagrant/with-private-libvirt'

/** What may be started: `npm run test:bare` shows that the host has it. */
const brought = {
  byDebian:
    'apt-config apt-get awk basename bash cat chroot cp cut dirname env false find flock getent grep head id install kill ln ls ' +
    'mkdir mkfifo mktemp mount printf readlink rm script sed seq setpriv sh sleep sort stdbuf tail tar taskset tee tr true unshare',
  byNpm: 'node npm npx',
  bySetup: hostPackages.map(({ provides }) => provides).join(' '),
  nothingWithoutIt: 'git sudo tmux',
}
/** Only what belongs to Vagrant, or to Slurm, may start these. */
const broughtForVagrant = `${[...read(privateLibvirt).matchAll(/^ *need (\S+)/gm)].map(([, name]) => name).join(' ')} ruby`
const broughtForSlurm = 'sbatch scancel scontrol sinfo slurm-node squeue'

/** Those of the programs which `file` starts that nothing has brought. */
function strangers(file: string, programs: readonly string[]) {
  const lists = [
    ...Object.values(brought),
    ...(/vagrant|image\/box/.test(file) ? [broughtForVagrant] : []),
    ...(/slurm/.test(file) ? [broughtForSlurm] : []),
  ]
  const known = lists.flatMap((names) => names.split(' '))
  return programs.filter((name) => !known.includes(name)).map((name) => `${file}: ${name}`)
}

for (const folder of ['bench', 'reports', 'runner'])
  test(`the code of ${folder}/ starts only programs that Debian or the set-up brings`, (t) => {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    const code = files.filter((name) => name.endsWith('.ts') && !/host-(?:command|programs)\.test\.ts$/.test(name))
    t.deepEqual(
      code.flatMap((file) => strangers(file, programsInCode(read(join(folder, file))))),
      [],
    )
  })

for (const script of [
  'bin/wirelab',
  '.ci/run',
  '.ci/test-bare',
  '.ci/try-package',
  privateLibvirt,
  'images/debian-12/customize.sh',
])
  test(`${script} runs only programs that Debian or the set-up brings`, (t) => {
    t.deepEqual(strangers(script, programsInScript(read(script))), [])
  })

test('no start of a program is overlooked', (t) => {
  const code = `const run = promisify(execFile); run('one'); await promisify(execFile)(\n'two', []); machine.run(['no'])
    spawnSync("no" + x); tryHostCommand(['three', ...words]); const argv = ['four', '-x'] as const; spawn('five')`
  t.deepEqual(programsInCode(code), ['one', 'two', 'three', 'four', 'five'])
  const script = `# no\nown() {\n  one | two || three; A=b four\n}\nx=$(five 'no; no')\nif ! six; then seven && own; fi
    cat <<end\nno\nend\nexec eight --no \\\n no\n`
  t.deepEqual(programsInScript(script), ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'cat', 'eight'])
})

/** The first words of the calls that start a program, and of what is called `argv`. */
function programsInCode(text: string): string[] {
  const renamed = [...text.matchAll(/const (\w+) = promisify\(execFile\)/g)].map(([, name]) => name)
  const starters = [
    'spawn(?:Sync)?',
    'execFile(?:Sync)?',
    'promisify\\(execFile\\)',
    '(?:try|run)HostCommand',
    'runTool',
  ]
  const starts = `(?:${[...starters, ...renamed].join('|')})\\(|\\bargv = `
  return [...text.matchAll(new RegExp(`(?<![.\\w])(?:${starts})\\s*\\[?'([^']+)'`, 'g'))].map(([, name = '']) => name)
}

/** The words where a shell script has commands, but for those of the shell and the script's own functions. */
function programsInScript(text: string): string[] {
  const bare = text
    .replace(/<<'?(\w+)'?\n.*?\n\1\n/gs, '\n')
    .replace(/\\\n/g, ' ')
    .replace(/(^|\s)#.*$/gm, '')
    .replace(/'[^']*'|\$\(\([^)]*\)\)/g, "''")
  const own = [...bare.matchAll(/^ *(\w+)\(\) \{/gm)].map(([, name = '']) => name)
  const shells = execFileSync('bash', ['-c', 'compgen -bk'], { encoding: 'utf8' }).split('\n')
  const before = '(?:(?:then|do|else|if|while|exec|env|!)[ \\t]+|\\w+=[^\\s(]*[ \\t]+)*'
  const words = new RegExp(`(?:^|[;|&({])[ \\t]*${before}([a-z][\\w.-]*)(?=[\\s);]|$)`, 'gm')
  return [...bare.matchAll(words)].map(([, word = '']) => word).filter((word) => ![...own, ...shells].includes(word))
}
