import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

const sealOf = (path: string) => `${path}.sha256`
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** Writes the SHA-256 of a file's text down beside it. */
export const seal = (path: string, text: string): Promise<void> =>
  writeFile(sealOf(path), `${digest(text)}\n`, { mode: 0o600 })

/**
 * What is wrong with a sealed file, in words; undefined when it is as it was sealed. One that was written before there
 * were seals gets one now.
 */
export async function sealProblem(path: string, text: string): Promise<string | undefined> {
  const sealed = await readFile(sealOf(path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (sealed === undefined) await seal(path, text).catch(() => {})
  return sealed === undefined || sealed.trim() === digest(text) ? undefined : 'its SHA-256 differs'
}
