import { createHash } from 'node:crypto'
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { cacheFolder, makeCacheFolder } from '../host/cache.ts'
import { runHostCommand } from '../host/host-command.ts'
import { imageFiles } from './image.ts'
import { type BuiltImage, parseBuilt } from './manifest.ts'

/** What is not the same in two images, a line each; nothing when the same was built, to the bit. */
export async function compareImages(a: string, b: string, signal: AbortSignal): Promise<string[]> {
  const [one, other] = (await Promise.all([a, b].map(manifestIn))) as [BuiltImage, BuiltImage]
  const names = Object.keys({ ...one.built, ...other.built })
  const differing = names.filter((name) => one.built[name]?.sha256 !== other.built[name]?.sha256)
  if (differing.length === 0) return []
  return [
    ...changes(
      '',
      { suite: one.suite, kernel: one.kernel.release },
      { suite: other.suite, kernel: other.kernel.release },
    ),
    ...changes('package ', one.packages, other.packages),
    ...changes('made by ', one.tools, other.tools),
    ...differing.map((name) => `${name} differs`),
    ...(differing.includes(imageFiles.root) ? await compareRoots(a, b, signal) : []),
  ]
}

async function manifestIn(folder: string): Promise<BuiltImage> {
  const path = join(folder, imageFiles.manifest)
  try {
    return parseBuilt(await readFile(path, 'utf8'))
  } catch (error) {
    throw machineryError(`cannot compare the image in ${folder}: ${messageOf(error)}`, undefined, error)
  }
}

/** Lines for what has another value in one than in the other. */
const changes = (what: string, a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
  Object.keys({ ...a, ...b })
    .filter((name) => a[name] !== b[name])
    .map((name) => `${what}${name}: ${a[name] ?? 'absent'}, and ${b[name] ?? 'absent'}`)

/** Unpacks both root file systems, and names the files that differ. */
async function compareRoots(a: string, b: string, signal: AbortSignal): Promise<string[]> {
  makeCacheFolder(cacheFolder())
  const stage = await mkdtemp(join(cacheFolder(), '.comparing-'))
  try {
    const listings = []
    for (const [at, folder] of [a, b].entries()) {
      const target = join(stage, String(at))
      const unpack = ['fsck.erofs', `--extract=${target}`, '--preserve-perms', join(folder, imageFiles.root)] as const
      await runHostCommand(unpack, { signal, timeoutMs: 10 * 60_000, dieWithRunner: true })
      listings.push(Object.fromEntries(await describeTree(target)))
    }
    const [one = {}, other = {}] = listings
    const lines = changes('  /', one, other)
    return lines.length > 0 ? lines : ['  only in owners or times of files, or in how they are laid out']
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** Each file of a tree, by its path, with its mode and what is in it. */
async function describeTree(top: string): Promise<[string, string][]> {
  const paths = (await readdir(top, { recursive: true })).toSorted()
  const described: [string, string][] = []
  for (const path of paths) described.push([path, await describeFile(join(top, path))])
  return described
}

async function describeFile(path: string): Promise<string> {
  const found = await lstat(path)
  const mode = found.mode.toString(8)
  if (found.isSymbolicLink()) return `link to ${await readlink(path)}`
  if (!found.isFile()) return `mode ${mode}`
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 12)
  return `mode ${mode}, ${found.size} bytes, SHA-256 ${digest}…`
}
