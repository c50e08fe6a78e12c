import { existsSync } from 'node:fs'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { describedFile } from '../../image/manifest.ts'
import { digestFile, rememberVerified, type VerifyDepth, verifyFiles } from '../../image/verify-files.ts'

/** A machine booted once and frozen. Copies of it share its memory file and never write to it. */
export interface Template {
  /** How many NICs it has. */
  readonly nics: number
  readonly memoryFile: string
  /** When that was frozen, in milliseconds since 1970: by this it is known. */
  readonly memoryFrozenAtMs: number
  /** With NICs it has those pages of the memory, too, that they changed. */
  readonly stateFile: string
  /** What its clock says, in milliseconds since 1970, to about a millisecond. */
  readonly frozenAtMs: number
}

/** The files of a template without NICs, by the folder that they lie in. */
export const filesIn = (folder: string) => ({
  memory: join(folder, 'memory'),
  state: join(folder, 'state'),
  frozenAt: join(folder, 'frozen-at'),
})

/** The folder of what a template is with so many NICs; without any, its own. */
export const nicsFolder = (folder: string, nics: number) => (nics === 0 ? folder : join(folder, `nics-${nics}`))

/** The end of a folder's name in which a template is being made. */
export const unfinishedSuffix = '.unfinished'

/** Reads what a template with so many NICs is, of which all files are there; it counts as used then. */
export async function readTemplate(folder: string, nics: number): Promise<Template> {
  const bare = filesIn(folder)
  const { state, frozenAt } = filesIn(nicsFolder(folder, nics))
  const now = new Date()
  // Its time of change says when it was used last. A cache that can't be written keeps its own account.
  await utimes(folder, now, now).catch(() => {})
  return {
    nics,
    memoryFile: bare.memory,
    memoryFrozenAtMs: await readTime(bare.frozenAt),
    stateFile: state,
    frozenAtMs: await readTime(frozenAt),
  }
}

const readTime = async (file: string) => Number(await readFile(file, 'utf8'))

/** What a template is with NICs has no memory of its own. */
const namesOf = (nics: number) => [...(nics === 0 ? ['memory'] : []), 'state', 'frozen-at']

const descriptionIn = (folder: string) => join(folder, 'files.json')

/** Writes down what the files of a finished template are, in their folder. */
export async function describeTemplate(folder: string, nics: number): Promise<void> {
  const names = namesOf(nics)
  const files = await Promise.all(names.map(async (name) => [name, await digestFile(join(folder, name))] as const))
  await writeFile(descriptionIn(folder), JSON.stringify(Object.fromEntries(files)), { mode: 0o600 })
  await rememberVerified(folder, names)
}

/** What became of a template; undefined when it is whole. */
export type TemplateFault = { readonly missing: true } | { readonly missing: false; readonly problem: string }

/**
 * Compares the files of a template, without NICs or those of what it is with some, with what was written down of them,
 * as deep as `verifyFiles` does.
 */
export async function faultOfTemplate(
  folder: string,
  nics: number,
  depth: VerifyDepth,
): Promise<TemplateFault | undefined> {
  const part = nicsFolder(folder, nics)
  if (!existsSync(part)) return { missing: true }
  const text = await readFile(descriptionIn(part), 'utf8').catch(() => '')
  const description = z.strictObject(Object.fromEntries(namesOf(nics).map((name) => [name, describedFile])))
  const files = description.safeParse(parseJson(text))
  if (!files.success) return { missing: false, problem: 'the list of its files cannot be read' }
  const [first] = await verifyFiles(part, files.data, depth)
  return first && { missing: false, problem: `${first.name}: ${first.problem}` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
