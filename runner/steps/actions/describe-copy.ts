import type { CopiedFile } from '../../events.ts'
import type { Copy } from '../../lab/lab.ts'
import { textOf } from './copy.ts'

const maxBytes = 1 << 14

/** A file that is copied, as it stands in the event of its step. */
export function describeCopy({ to, from, content }: Copy): CopiedFile {
  const text = content.length > maxBytes ? undefined : textOf(content)
  return { to, from, ...(text === undefined ? {} : { text }) }
}
