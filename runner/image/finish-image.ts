import { appendFile, chmod, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderCpio } from './cpio.ts'
import { imageFiles } from './image.ts'
import { type BuiltImage, renderManifest } from './manifest.ts'
import { seal } from './seal.ts'
import { makeClientKey, makeHostKey } from './ssh-keys.ts'
import { digestFile } from './verify-files.ts'

/** What a build makes, the same for everybody. */
export const builtFiles = [imageFiles.kernel, imageFiles.initrd, imageFiles.root] as const

/**
 * Makes an image of what was built, in a folder that holds `builtFiles`: adds keys of its own, and writes the manifest.
 * The keys stand behind the initrd, as a second archive (see the recipe's init).
 */
export async function finishImage(folder: string, built: BuiltImage): Promise<void> {
  const [clientKey, hostKey] = [makeClientKey(), makeHostKey()]
  const keys = renderCpio([
    { path: 'keys', mode: 0o40700 },
    { path: 'keys/authorized_keys', mode: 0o100600, content: Buffer.from(clientKey.publicText) },
    { path: 'keys/host-key', mode: 0o100600, content: hostKey.privateBytes },
  ])
  const initrd = join(folder, imageFiles.initrd)
  for (const file of builtFiles) await chmod(join(folder, file), 0o600)
  // An archive begins at a multiple of four bytes.
  await appendFile(initrd, Buffer.concat([Buffer.alloc(-(await stat(initrd)).size & 3), keys]))
  await writeFile(join(folder, imageFiles.clientKey), clientKey.privateText, { mode: 0o600 })

  const files: Record<string, Awaited<ReturnType<typeof digestFile>>> = {}
  for (const file of [...builtFiles, imageFiles.clientKey]) files[file] = await digestFile(join(folder, file))
  const manifest = join(folder, imageFiles.manifest)
  const text = renderManifest({ ...built, hostKey: hostKey.publicText, files })
  await writeFile(manifest, text, { mode: 0o600 })
  await seal(manifest, text)
}
