import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { isDiskFull, tellsOfFullDisk } from '../host/full-disk.ts'
import { ownCommand } from '../host/own-command.ts'
import { runAsRoot } from '../host/run-as-root.ts'
import { shellWord } from '../host/shell-words.ts'
import type { Lock } from './lock.ts'
import { hostMirrors, snapshotMirrors } from './mirrors.ts'
import { agentFiles, modeOf, type Recipe } from './recipe.ts'
import type { Stage } from './stage.ts'

export interface InstallOptions {
  /** The only packages that may be installed; the newest are, when it is left out. */
  readonly lock?: Lock | undefined
  readonly signal: AbortSignal
  /** Gets all that was printed, when it fails. */
  readonly log: string
  onProgress(message: string): void
}

const timeoutMs = 30 * 60_000
const logLines = 5000

/** The time of all files of an image, in seconds since 1970: an image is what its packages are, whenever it is made. */
const filesTime = '1704067200'

/**
 * Installs a recipe's packages with mmdebstrap, whose hook then fills the stage's output; see the recipe's
 * customize.sh. Locked packages that the mirrors have no more come from Debian's snapshot archive.
 * @throws WirelabError of kind machinery with what mmdebstrap complained of, or the signal's reason; its code is
 * `lock-unmet` when locked packages are nowhere to be had
 */
export async function installSystem(stage: Stage, recipe: Recipe, options: InstallOptions): Promise<void> {
  const { lock, signal, onProgress } = options
  onProgress('Finding the packages')
  const mirrors = await hostMirrors(recipe.suite, signal)
  if (lock === undefined) return await runMmdebstrap(stage, recipe, mirrors, options)
  demandLocked(recipe, lock)
  const lines = Object.entries(lock.packages).map(([name, { version, sha256 }]) => `${name} ${version} ${sha256}\n`)
  await writeFile(join(stage.output, 'locked'), lines.toSorted().join(''))
  let missing: readonly string[]
  try {
    return await runMmdebstrap(stage, recipe, mirrors, options)
  } catch (error) {
    missing = (await missingIn(stage)) ?? []
    if (missing.length === 0) throw error
  }
  onProgress(`Asking Debian's snapshot archive for ${missing.length} packages`)
  await rm(join(stage.output, 'missing'))
  try {
    await runMmdebstrap(stage, recipe, [...mirrors, ...snapshotMirrors(recipe.suite, lock.date)], options)
  } catch (error) {
    signal.throwIfAborted()
    const still = await missingIn(stage)
    // All was there, and something else broke.
    if (still?.length === 0) throw error
    const why =
      still === undefined ? `and its snapshot archive: ${firstComplaint(error)}` : 'nor has its snapshot archive'
    throw unmet(recipe, `Debian's mirror has no more ${someOf(still ?? missing)}, ${why}`, error)
  }
}

/** @throws WirelabError with code `lock-unmet` when the lock is of another recipe than this */
function demandLocked(recipe: Recipe, lock: Lock): void {
  const stray = recipe.packages.filter((name) => !Object.hasOwn(lock.packages, name))
  if (stray.length > 0) throw unmet(recipe, `the lock does not name ${someOf(stray)}`)
  if (lock.suite !== recipe.suite)
    throw unmet(recipe, `the lock is of ${lock.suite}, and the recipe of ${recipe.suite}`)
}

const unmet = ({ name }: Recipe, why: string, cause?: unknown) =>
  machineryError(
    `cannot build image ${name} as its lock says: ${why}`,
    `To lock what there is now: ${ownCommand(`image update ${name}`)}`,
    cause,
    { code: 'lock-unmet', detail: {} },
  )

/** Names and versions of locked packages that no archive has; undefined when that was not found out. */
async function missingIn({ output }: Stage): Promise<string[] | undefined> {
  const text = await readFile(join(output, 'missing'), 'utf8').catch(() => undefined)
  return text?.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ').slice(0, 2).join(' ')]))
}

/** What was wrong at first, in one line. */
function firstComplaint(error: unknown): string {
  const [first = '', second = ''] = messageOf(error).split('\n')
  return `${first.replace(/^cannot build image \S+: /, '')} ${second.trim()}`.trim()
}

const someOf = (names: readonly string[]) =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`

async function runMmdebstrap(stage: Stage, recipe: Recipe, mirrors: readonly string[], options: InstallOptions) {
  const { lock, signal, log, onProgress } = options
  const lines: string[] = []
  const onLine = (line: string) => {
    lines.push(line)
    if (lines.length > logLines) lines.shift()
    const progress = progressOf(line)
    if (progress !== undefined) onProgress(progress)
  }
  try {
    const hooks = await additionHooks(recipe)
    await runAsRoot([...mmdebstrap(recipe, lock !== undefined, hooks), ...mirrors], {
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

/** Leaves what apt's lists say of each package that is installed. */
const describePackages = `chroot "$1" sh -c 'apt-cache show $(dpkg-query -W -f "\\\${Package}=\\\${Version} ")' >"$WIRELAB_OUTPUT/installed"`

const mmdebstrap = (recipe: Recipe, locked: boolean, hooks: readonly string[]): [string, ...string[]] => [
  'mmdebstrap',
  '--mode=root',
  '--variant=apt',
  '--format=null',
  `--include=${recipe.packages.join(',')}`,
  '--aptopt=Acquire::Retries "3"',
  ...['locale', 'man', 'info', 'doc', 'lintian'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=force-unsafe-io',
  ...(locked ? ['--setup-hook=sh "$WIRELAB_LOCK_PACKAGES" "$1"'] : []),
  `--customize-hook=${describePackages}`,
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
  SOURCE_DATE_EPOCH: filesTime,
  INITRD: 'No', // tells initramfs-tools to make none
  WIRELAB_LOCK_PACKAGES: join(import.meta.dirname, 'lock-packages.sh'),
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
