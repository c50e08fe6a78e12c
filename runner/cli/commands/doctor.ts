import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createPaint, type Paint } from '../../../reports/terminal/paint.ts'
import { exitCodes, messageOf, WirelabError } from '../../errors.ts'
import { cacheFolder } from '../../host/cache.ts'
import { missingPackages } from '../../host/host-packages.ts'
import { isRoot } from '../../host/run-as-root.ts'
import { staleRuntimeFolders } from '../../host/runtime-folder.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { freeMiB, neededMiB } from '../../image/disk-space.ts'
import { checkImage, type Image } from '../../image/image.ts'
import { listImages } from '../../image/list-images.ts'
import { defaultMemoryMiB } from '../../plan.ts'
import { chooseAccelerator } from '../../providers/qemu/kvm-probe.ts'
import { qemuVersion } from '../../providers/qemu/qemu-version.ts'
import { templateFolder } from '../../providers/qemu/template.ts'
import { findLeftovers, namesOf } from '../../providers/vagrant/leftovers.ts'
import { vagrantNeeds } from '../../providers/vagrant/vagrant-needs.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'

const help = `Says what this host can do and what it lacks, and the command that mends it. Changes nothing.

  npm run lab doctor

Each line begins with ✓ (as it should be), - (good to know) or ✗ (must be mended). Exit codes: 0 labs can run, 3 not.
`

type Sign = '✓' | '-' | '✗'

interface Finding {
  readonly sign: Sign
  readonly text: string
  /** What mends it. */
  readonly remedy?: string
}

const setUp = 'npm run setup'

/** `npm run lab doctor`. */
export async function doctorCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, { help: { type: 'boolean', short: 'h' } }, help)
  const { stdout, signal } = context
  if (values.help || positionals.length > 0) {
    stdout.write(help)
    return values.help ? exitCodes.passed : exitCodes.usage
  }
  const paint = createPaint(context.colour)
  const remedies = new Set<string>()
  let unfit = false
  for await (const finding of examine(signal)) {
    stdout.write(`${paint(looks[finding.sign], finding.sign)} ${finding.text}\n`)
    unfit ||= finding.sign === '✗'
    if (finding.remedy !== undefined) remedies.add(finding.remedy)
  }
  for (const remedy of remedies) stdout.write(`${paint('bold', remedy)}\n`)
  return unfit ? exitCodes.machinery : exitCodes.passed
}

const looks: Record<Sign, Parameters<Paint>[0]> = { '✓': 'green', '-': 'dim', '✗': 'red' }

async function* examine(signal: AbortSignal): AsyncGenerator<Finding> {
  yield node()
  const missing = await missingPackages()
  yield missing.length === 0
    ? good('all packages that wirelab needs are installed')
    : bad(`packages are missing: ${missing.map(({ name, purpose }) => `${name} (${purpose})`).join(', ')}`, setUp)
  const qemu = await attempt(qemuVersion, setUp)
  yield 'found' in qemu ? good(`QEMU ${qemu.found}`) : qemu.finding

  const image = await attempt(checkImage, setUp)
  if ('found' in image) {
    const { name, manifest } = image.found
    yield good(`image ${name} is whole: kernel ${manifest.kernel.release}, ${manifest.builtAt.slice(0, 10)}`)
  } else {
    yield image.finding
    if (!isRoot() && missing.length === 0) yield await namespaces(signal)
  }
  if ('found' in image && 'found' in qemu) yield* machines(image.found, signal)
  yield await space('found' in image)
  yield* vagrant('found' in image ? image.found : undefined)
  yield* leftovers(await listImages())
}

function node() {
  const { node: version } = process.versions
  return Number.parseInt(version, 10) >= 24 ? good(`Node ${version}`) : bad(`Node ${version} is too old`, 'npm ci')
}

async function namespaces(signal: AbortSignal): Promise<Finding> {
  const tried = await attempt(() => demandUserNamespace(signal), setUp)
  return 'found' in tried ? good('you may make the namespaces that building an image takes') : tried.finding
}

async function* machines(image: Image, signal: AbortSignal): AsyncGenerator<Finding> {
  const choice = await attempt(() => chooseAccelerator(image, 'auto', signal), setUp)
  if ('finding' in choice) {
    yield choice.finding
    return
  }
  const { accelerator } = choice.found
  const [reason] = choice.found.reason.split('\n')
  yield accelerator === 'kvm'
    ? good(`machines run under KVM: ${reason}`)
    : good(`machines run under TCG, which is slower: ${reason}`)
  const folder = await templateFolder(image, { image, accelerator, memoryMiB: defaultMemoryMiB })
  yield existsSync(folder)
    ? good('a template is ready to be copied')
    : note(`there is no template yet: the first run makes it, or "${setUp}"`)
}

/** Vagrant is another way to run labs: whoever has none lacks nothing. */
async function* vagrant(image: Image | undefined): AsyncGenerator<Finding> {
  for (const { check } of vagrantNeeds(image)) {
    const tried = await attempt(check, setUp)
    if ('found' in tried) yield good(`for --provider vagrant: ${tried.found}`)
    else {
      const { text, remedy } = tried.finding
      yield note(
        `not ready for --provider vagrant: ${text.replace(/^cannot run labs through Vagrant: /, '')}. ${remedy}`,
      )
      return
    }
  }
  const left = namesOf(await findLeftovers())
  if (left.length > 0) yield note(`runs that crashed left ${left.join(', ')} in libvirt; "npm run lab down" removes it`)
}

/** Labs take memory, not disk: what is needed once is for building. */
async function space(built: boolean): Promise<Finding> {
  const cache = nearest(cacheFolder())
  const free = await freeMiB(cache)
  const text = `${free} MiB are free for the cache, ${cacheFolder()}`
  if (free >= neededMiB) return good(text)
  const needs = `${text}; building an image takes ${neededMiB} MiB`
  return built ? note(needs) : bad(needs, 'Free some space, or point XDG_CACHE_HOME to a folder that has it.')
}

function* leftovers(images: Awaited<ReturnType<typeof listImages>>): Generator<Finding> {
  const outdated = images.filter(({ current }) => !current)
  if (outdated.length > 0)
    yield note(
      `outdated images in the cache: ${outdated.length}; "npm run lab image remove -- --outdated" removes them`,
    )
  const folders = staleRuntimeFolders()
  if (folders.length > 0) yield note(`runs that crashed left ${folders.join(', ')}; "npm run lab down" removes it`)
}

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const good = (text: string): Finding => ({ sign: '✓', text })
const note = (text: string): Finding => ({ sign: '-', text })
const bad = (text: string, remedy: string): Finding => ({
  sign: '✗',
  text,
  remedy: remedy.startsWith('npm ') ? `To mend it: ${remedy}` : remedy,
})

/** What a check returns, or the finding that its error is. */
async function attempt<T>(
  check: () => Promise<T>,
  remedy: string,
): Promise<{ readonly found: T } | { readonly finding: Finding }> {
  try {
    return { found: await check() }
  } catch (error) {
    const advised = error instanceof WirelabError ? error.remedy?.replace(/^Run: /, '') : undefined
    return { finding: bad(messageOf(error), advised ?? remedy) }
  }
}
