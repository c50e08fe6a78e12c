import { existsSync } from 'node:fs'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { describedFile } from '../../image/manifest.ts'
import { digestFile, rememberVerified, type VerifyDepth, verifyFiles } from '../../image/verify-files.ts'

/** A machine booted once and frozen. Copies of it share its memory file and never write to it. */
export interface Template {
  readonly memoryFile: string
  readonly stateFile: string
  /** When it was frozen, in milliseconds since 1970; so its clock says, to about a millisecond. */
  readonly frozenAtMs: number
}

/** The files of a template, by the folder that they lie in. */
export const filesIn = (folder: string) => ({
  memory: join(folder, 'memory'),
  state: join(folder, 'state'),
  frozenAt: join(folder, 'frozen-at'),
})

/** Reads what a template is, of which all files are there; it counts as used then. */
export async function readTemplate(folder: string): Promise<Template> {
  const { memory, state, frozenAt } = filesIn(folder)
  const now = new Date()
  // Its time of change says when it was used last. A cache that can't be written keeps its own account.
  await utimes(folder, now, now).catch(() => {})
  return { memoryFile: memory, stateFile: state, frozenAtMs: Number(await readFile(frozenAt, 'utf8')) }
}

const description = z.strictObject({ memory: describedFile, state: describedFile, 'frozen-at': describedFile })
const descriptionIn = (folder: string) => join(folder, 'files.json')

/** Writes down what the files of a finished template are. */
export async function describeTemplate(folder: string): Promise<void> {
  const names = Object.keys(description.shape)
  const files = await Promise.all(names.map(async (name) => [name, await digestFile(join(folder, name))] as const))
  await writeFile(descriptionIn(folder), JSON.stringify(Object.fromEntries(files)), { mode: 0o600 })
  await rememberVerified(folder, names)
}

/** What became of a template; undefined when it is whole. */
export type TemplateFault = { readonly missing: true } | { readonly missing: false; readonly problem: string }

/** Compares a template's files with what was written down of them, as deep as `verifyFiles` does. */
export async function faultOfTemplate(folder: string, depth: VerifyDepth): Promise<TemplateFault | undefined> {
  if (!existsSync(folder)) return { missing: true }
  const text = await readFile(descriptionIn(folder), 'utf8').catch(() => '')
  const files = description.safeParse(parseJson(text))
  if (!files.success) return { missing: false, problem: 'the list of its files cannot be read' }
  const damaged = await verifyFiles(folder, files.data, depth)
  const [first] = damaged
  return first && { missing: false, problem: `${first.name}: ${first.problem}` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
