import { usageError } from '../errors.ts'
import { surroundingsOf } from '../providers/made-with.ts'
import { readyProvider } from '../providers/ready-provider.ts'
import { contentOfImages } from './like-run.ts'
import type { ProvidedImages } from './provide-images.ts'
import type { RunRequest } from './read-request.ts'

/** Sees that machines can be made as asked, and with what. @throws WirelabError that says what to do */
export async function prepareMachines(
  { provider: chosen, accelerator, keep }: RunRequest,
  { main, all }: ProvidedImages,
  signal: AbortSignal,
  onProgress: (message: string) => void,
) {
  const { images } = chosen.can
  if (all.length > 1 && images !== 'yes') throw usageError(images.no, images.remedy)
  const provider = await readyProvider(chosen, { image: main, accelerator, keep, signal, onProgress })
  return { provider, surroundings: surroundingsOf(all, provider), ...contentOfImages(main, all) }
}
