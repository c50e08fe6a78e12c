import { writeFile } from 'node:fs/promises'
import { machineryError, messageOf } from '../errors.ts'
import { runAsRoot } from '../host/run-as-root.ts'
import { shellWord } from '../host/shell-words.ts'
import { isDiskFull, tellsOfFullDisk } from './disk-space.ts'
import { hostMirrors } from './mirrors.ts'
import { agentFiles, modeOf, type Recipe } from './recipe.ts'
import type { Stage } from './stage.ts'

export interface InstallOptions {
  readonly signal: AbortSignal
  /** Gets all that was printed, when it fails. */
  readonly log: string
  onProgress(message: string): void
}

const timeoutMs = 30 * 60_000
const logLines = 5000

/**
 * Installs a recipe's packages with mmdebstrap, whose hook then fills the stage's output; see the recipe's
 * customize.sh.
 * @throws WirelabError of kind machinery with what mmdebstrap complained of, or the signal's reason
 */
export async function installSystem(
  stage: Stage,
  recipe: Recipe,
  { signal, log, onProgress }: InstallOptions,
): Promise<void> {
  onProgress('Finding the packages')
  const mirrors = await hostMirrors(recipe.suite, signal)
  const lines: string[] = []
  const onLine = (line: string) => {
    lines.push(line)
    if (lines.length > logLines) lines.shift()
    const progress = progressOf(line)
    if (progress !== undefined) onProgress(progress)
  }
  try {
    await runAsRoot([...mmdebstrap(recipe, await additionHooks(recipe)), ...mirrors], {
      signal,
      timeoutMs,
      environment: hookEnvironment(stage, recipe),
      onLine,
    })
  } catch (error) {
    signal.throwIfAborted()
    await writeFile(log, `${lines.join('\n')}\n`).catch(() => {})
    const isFull = isDiskFull(error) || lines.some(tellsOfFullDisk)
    throw machineryError(
      `cannot build image ${recipe.name}: ${complaintsOf(lines) || messageOf(error)}`,
      `All that mmdebstrap printed is in ${log}`,
      error,
      isFull ? { code: 'disk-full', detail: {} } : undefined,
    )
  }
}

const mmdebstrap = (recipe: Recipe, hooks: readonly string[]): [string, ...string[]] => [
  'mmdebstrap',
  '--mode=root',
  '--variant=apt',
  '--format=null',
  `--include=${recipe.packages.join(',')}`,
  '--aptopt=Acquire::Retries "3"',
  ...['locale', 'man', 'info', 'doc', 'lintian'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=force-unsafe-io',
  ...hooks.map((hook) => `--customize-hook=${hook}`),
  '--customize-hook=sh "$WIRELAB_RECIPE/customize.sh" "$1"',
  recipe.suite,
  '-',
]

/** Lines of shell that do what recipes add to a system, whose root is $1. */
const additionHooks = ({ additions }: Recipe): Promise<string[]> =>
  Promise.all(
    additions.map(async (one) =>
      'script' in one
        ? `chroot "$1" sh -eu <${shellWord(one.script)}`
        : `install -D -m ${await modeOf(one.file)} ${shellWord(one.file)} "$1"${shellWord(one.to)}`,
    ),
  )

const hookEnvironment = (stage: Stage, recipe: Recipe) => ({
  TMPDIR: stage.temporary,
  INITRD: 'No', // tells initramfs-tools to make none
  WIRELAB_RECIPE: recipe.folder,
  WIRELAB_AGENT: agentFiles.agent,
  WIRELAB_MODULES: agentFiles.modules.join(' '),
  WIRELAB_OUTPUT: stage.output,
  WIRELAB_SERVICES: recipe.services.join(' '),
  WIRELAB_MASKED: recipe.masked.join(' '),
  WIRELAB_INITRD_MODULES: recipe.initrdModules.join(' '),
})

/** mmdebstrap marks what it does with "I:". */
function progressOf(line: string) {
  const words = /^I: (running apt-get update|downloading|extracting|installing|running --customize-hook)(.*?)(\.\.\.)?$/
  const [, verb = '', rest = ''] = words.exec(line) ?? []
  if (verb === '') return undefined
  if (verb.includes('customize')) return 'Writing the file system'
  const text = verb.startsWith('running') ? 'reading the lists of packages' : `${verb}${rest}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** The first errors, which the later ones follow from; with the line that apt adds to a failed download. */
const complaintsOf = (lines: readonly string[]) =>
  lines.find(tellsOfFullDisk) ??
  lines
    .flatMap((line, index) => (/^(E|Err):/.test(line) ? [line, continued(lines[index + 1])] : []))
    .filter((line) => line !== '')
    .slice(0, 4)
    .join('\n  ')

const continued = (line = '') => (/^ {2}\S/.test(line) ? line.trim() : '')
