import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createPaint, type Paint } from '../../../reports/terminal/paint.ts'
import { renderJson } from '../../../reports/text/json.ts'
import { exitCodes, hasCode } from '../../errors.ts'
import { cacheFolder } from '../../host/cache.ts'
import { freeMemoryMiB } from '../../host/free-memory.ts'
import { missingPackages } from '../../host/host-packages.ts'
import { ownCommand } from '../../host/own-command.ts'
import { isRoot } from '../../host/run-as-root.ts'
import { staleRuntimeFolders, untrustedPlaces } from '../../host/runtime-folder.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { freeMiB, neededMiB } from '../../image/disk-space.ts'
import { checkImage, type Image } from '../../image/image.ts'
import { listImages } from '../../image/list-images.ts'
import { defaultMemoryMiB } from '../../plan.ts'
import { providers } from '../../providers/index.ts'
import type { NeedContext } from '../../providers/needs.ts'
import type { Provider } from '../../providers/provider.ts'
import type { Selection } from '../../scopes.ts'
import type { CommandContext } from '../command.ts'
import { examineLabs } from '../examine-labs.ts'
import { bad, broken, type Finding, good, mendBySetUp, note, setUp } from '../finding.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Says what this host can do and what it lacks, and the command that mends it. Changes nothing.

  ${ownCommand('doctor [NAME...] [-- --json]')}

With names of labs (name/variant for one variant) it also says what these need of this host, and whether what they claim
of time can be judged here now.

Each line begins with ✓ (as it should be), - (good to know) or ✗ (must be mended). With --json it is one list, in which
these signs are good, note and bad. Exit codes: 0 labs can run, 3 not.
`

/** Its options, as parseArgs takes them. */
export const options = { json: { type: 'boolean', default: false } } as const

/** `npm run lab doctor`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout } = context
  const findings = examine(loadLabs(positionals, { all: false, colour: context.errorColour }), context.signal)
  if (values.json) return printForPrograms(findings, stdout)
  const paint = createPaint(context.colour)
  const remedies = new Set<string>()
  let unfit = false
  for await (const finding of findings) {
    stdout.write(`${paint(looks[finding.sign], finding.sign)} ${finding.text}\n`)
    unfit ||= finding.sign === '✗'
    if (finding.remedy !== undefined) remedies.add(finding.remedy)
  }
  for (const remedy of remedies) stdout.write(`${paint('bold', remedy)}\n`)
  return unfit ? exitCodes.machinery : exitCodes.passed
}

async function printForPrograms(found: AsyncIterable<Finding>, stdout: CommandContext['stdout']): Promise<number> {
  const findings = await Array.fromAsync(found)
  const listed = findings.map(({ sign, ...rest }) => ({ state: states[sign], ...rest }))
  stdout.write(`${renderJson(listed, 2)}\n`)
  return findings.some(({ sign }) => sign === '✗') ? exitCodes.machinery : exitCodes.passed
}

const states: Record<Finding['sign'], string> = { '✓': 'good', '-': 'note', '✗': 'bad' }
const looks: Record<Finding['sign'], Parameters<Paint>[0]> = { '✓': 'green', '-': 'dim', '✗': 'red' }

async function* examine(labs: readonly Selection[], signal: AbortSignal): AsyncGenerator<Finding> {
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
  yield memory()
  yield* examineLabs(labs, first, signal)
}

function memory() {
  const free = freeMemoryMiB()
  const machines = Math.floor(free / defaultMemoryMiB)
  const text = `${free} MiB of memory are free, for ${machines} machines of usual size`
  return machines === 0 ? bad(text, 'End other programs, or raise the memory limit of this container.') : good(text)
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
