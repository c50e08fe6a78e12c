import { beginSealedCopy, type SealedCopy, sealedCopy } from '../../host/sealed-copy.ts'
import type { Image } from '../../image/image.ts'
import type { Descriptors } from './descriptors.ts'
import type { Template } from './template-files.ts'

/** Opens copies of an image's kernel and initrd. */
export async function openBootFiles({ kernel, initrd }: Pick<Image, 'kernel' | 'initrd'>): Promise<Descriptors> {
  return { kernel: await sealedCopy(kernel), initrd: await sealedCopy(initrd) }
}

/** Copies of templates' memory that this process has made, by file and the time at which it was frozen. */
const memories = new Map<string, Promise<SealedCopy>>()

/**
 * A copy of a template's memory, for all machines that this process makes of it: QEMU opens the file behind a machine's
 * memory for writing, even where it only maps it privately. So no machine may run before the copy is sealed. The
 * descriptor stays open as long as this process.
 * @throws WirelabError of kind machinery, as `beginSealedCopy` does
 */
export function sealedMemory({ memoryFile, memoryFrozenAtMs }: Template): Promise<SealedCopy> {
  const key = `${memoryFile} ${memoryFrozenAtMs}`
  const memory = memories.get(key) ?? beginSealedCopy(memoryFile)
  memories.set(key, memory)
  memory
    .then(({ sealed }) => sealed)
    .catch(() => {
      if (memories.get(key) === memory) memories.delete(key)
    })
  return memory
}
