import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createPaint, type Paint } from '../../../reports/terminal/paint.ts'
import { renderJson } from '../../../reports/text/json.ts'
import { exitCodes, hasCode, messageOf, WirelabError } from '../../errors.ts'
import { cacheFolder } from '../../host/cache.ts'
import { missingPackages } from '../../host/host-packages.ts'
import { ownCommand } from '../../host/own-command.ts'
import { isRoot } from '../../host/run-as-root.ts'
import { staleRuntimeFolders, untrustedPlaces } from '../../host/runtime-folder.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { freeMiB, neededMiB } from '../../image/disk-space.ts'
import { checkImage, type Image } from '../../image/image.ts'
import { listImages } from '../../image/list-images.ts'
import { providers } from '../../providers/index.ts'
import type { NeedContext } from '../../providers/needs.ts'
import type { Provider } from '../../providers/provider.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'

const help = `Says what this host can do and what it lacks, and the command that mends it. Changes nothing.

  ${ownCommand('doctor [-- --json]')}

Each line begins with ✓ (as it should be), - (good to know) or ✗ (must be mended). With --json it is one list, in which
these signs are good, note and bad. Exit codes: 0 labs can run, 3 not.
`

type Sign = '✓' | '-' | '✗'

interface Finding {
  readonly sign: Sign
  readonly text: string
  /** What mends it. */
  readonly remedy?: string
}

const setUp = ownCommand('setup')

/** Its options, as parseArgs takes them. */
export const options = { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } } as const

/** `npm run lab doctor`. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  const { stdout, signal } = context
  if (values.help || positionals.length > 0) {
    stdout.write(help)
    return values.help ? exitCodes.passed : exitCodes.usage
  }
  if (values.json) return examineForPrograms(context)
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

async function examineForPrograms({ stdout, signal }: CommandContext): Promise<number> {
  const findings = await Array.fromAsync(examine(signal))
  const listed = findings.map(({ sign, ...rest }) => ({ state: states[sign], ...rest }))
  stdout.write(`${renderJson(listed, 2)}\n`)
  return findings.some(({ sign }) => sign === '✗') ? exitCodes.machinery : exitCodes.passed
}

const states: Record<Sign, string> = { '✓': 'good', '-': 'note', '✗': 'bad' }
const looks: Record<Sign, Parameters<Paint>[0]> = { '✓': 'green', '-': 'dim', '✗': 'red' }

async function* examine(signal: AbortSignal): AsyncGenerator<Finding> {
  yield node()
  const missing = await missingPackages()
  yield missing.length === 0
    ? good('all packages that wirelab needs are installed')
    : bad(`packages are missing: ${missing.map(({ name, purpose }) => `${name} (${purpose})`).join(', ')}`, mendBySetUp)
  const [first, ...others] = providers
  const host = { image: undefined, accelerator: 'auto', signal } as const
  const lacks = yield* needsOf(first, false, host)

  const { image, finding } = await examineImage()
  yield finding
  if (image === undefined && !isRoot() && missing.length === 0) yield await namespaces(signal)
  if (image !== undefined && !lacks) yield* needsOf(first, true, { ...host, image, thorough: true })
  yield await space(image !== undefined)
  for (const provider of others) yield* otherProvider(provider, { ...host, image })
  for (const provider of providers) yield* leftoversOf(provider)
  yield* leftovers(await listImages())
}

function node() {
  const { node: version } = process.versions
  return Number.parseInt(version, 10) >= 24
    ? good(`Node ${version}`)
    : bad(`Node ${version} is too old`, 'To mend it: npm ci')
}

async function examineImage(): Promise<{ readonly image: Image | undefined; readonly finding: Finding }> {
  try {
    const image = await checkImage()
    const { name, manifest } = image
    const text = `image ${name} is whole: kernel ${manifest.kernel.release}, ${manifest.builtAt.slice(0, 10)}`
    return { image, finding: good(text) }
  } catch (error) {
    return {
      image: undefined,
      finding: hasCode(error, 'image-unusable') ? bad(error.message, mendBySetUp) : broken(error),
    }
  }
}

async function namespaces(signal: AbortSignal): Promise<Finding> {
  try {
    await demandUserNamespace(signal)
    return good('you may make the namespaces that building an image takes')
  } catch (error) {
    return broken(error)
  }
}

/** What there is of what a provider needs, up to the first that is missing. Returns whether one is. */
async function* needsOf({ needs }: Provider, ofImage: boolean, context: NeedContext): AsyncGenerator<Finding, boolean> {
  for (const need of needs.filter((each) => each.ofImage === ofImage)) {
    const found = await need.check(context)
    if (found.state === 'missing') {
      yield broken(found.error)
      return true
    }
    yield found.state === 'there' ? good(found.text) : note(found.text)
  }
  return false
}

/** Whoever lacks what another provider needs lacks nothing. */
async function* otherProvider({ name, needs }: Provider, context: NeedContext): AsyncGenerator<Finding> {
  for (const { check } of needs) {
    const found = await check(context)
    if (found.state === 'missing') {
      yield note(`not ready for --provider ${name}: ${found.text}. ${found.error.remedy ?? setUp}`)
      return
    }
    yield (found.state === 'there' ? good : note)(`for --provider ${name}: ${found.text}`)
  }
}

async function* leftoversOf({ leftovers: left }: Provider): AsyncGenerator<Finding> {
  const names = (await left?.find()) ?? []
  if (names.length > 0)
    yield note(`runs that crashed left ${names.join(', ')} in ${left?.place}; "${ownCommand('down')}" removes it`)
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
      `outdated images in the cache: ${outdated.length}; "${ownCommand('image remove -- --outdated')}" removes them`,
    )
  for (const why of untrustedPlaces()) yield note(`sockets can't lie where they usually do: ${why}`)
  const folders = staleRuntimeFolders()
  if (folders.length > 0) yield note(`runs that crashed left ${folders.join(', ')}; "${ownCommand('down')}" removes it`)
}

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const good = (text: string): Finding => ({ sign: '✓', text })
const note = (text: string): Finding => ({ sign: '-', text })
const bad = (text: string, remedy: string): Finding => ({ sign: '✗', text, remedy })

const mendBySetUp = `To mend it: ${setUp}`

/** What went wrong, with the error's own remedy; set-up mends what has none. */
const broken = (error: unknown): Finding =>
  bad(messageOf(error), (error instanceof WirelabError ? error.remedy : undefined) ?? mendBySetUp)
