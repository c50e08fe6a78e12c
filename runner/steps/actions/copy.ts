import { realpathSync } from 'node:fs'
import { posix, resolve, sep } from 'node:path'
import { z } from 'zod'
import { machineryError, messageOf } from '../../errors.ts'
import type { CopiedFile } from '../../events.ts'
import type { VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { readRegularFile } from '../../lab/text/read-lab-file.ts'
import { fillFile } from '../../lab/values/fill.ts'
import type { StepContext } from '../step-context.ts'
import { type Action, nodeOf } from './action.ts'

/** A file of the lab that is put into a node. */
export interface Copy {
  /** Absolute path in the node's machine. */
  readonly to: string
  /** The file in the lab's folder, relative to it. */
  readonly from: string
  /** The file's bytes; text files have their `{{values}}` filled in. */
  readonly content: Uint8Array
  /** The text without them; absent when they are no text. */
  readonly template?: string
}

const inFolder = z
  .string()
  .refine((path) => path !== '' && !path.includes('\0'), 'expected a path in the folder of the lab')

const pathInNode = z
  .string()
  .refine(
    (path) => path.startsWith('/') && posix.normalize(path) === path && !path.endsWith('/') && !/\p{Cc}/u.test(path),
    'expected the absolute path of a file, such as /etc/bird/bird.conf',
  )

const keys = {
  copy: z
    .record(pathInNode, inFolder)
    .describe('Files to copy before the commands run: path in the node: file in the folder of the lab.'),
}

/** Copies files of the lab into a node. */
export const copy: Action<readonly Copy[], z.output<z.ZodObject<typeof keys>>> = {
  key: 'copy',
  keys,
  needsNode: true,
  read: (raw, { path, context }) => ({
    value: Object.entries(raw.copy).flatMap(([to, from]) => {
      const at = [...path, 'copy', to]
      const bytes = readInFolder(from, at, context)
      if (bytes === undefined) return []
      const template = textOf(bytes)
      const content = fillBytes(bytes, template, from, at, context)
      return [{ to, from, content, ...(template === undefined ? {} : { template }) }]
    }),
  }),
  announce: (copies) => ({ copies: copies.map(describeCopy) }),
  texts: {
    of: (copies) =>
      textsIn(copies).map(({ to, from, content, template }) => ({
        text: new TextDecoder().decode(content),
        path: ['copy', to],
        file: from,
        template,
      })),
    with(copies, nth, text) {
      const changed = textsIn(copies)[nth]?.to
      const content = new TextEncoder().encode(text)
      return copies.map((one) => (one.to === changed ? { ...one, content } : one))
    },
  },
  isSame: (left, right) =>
    left.length === right.length &&
    left.every(
      ({ to, content }, index) => to === right[index]?.to && Buffer.compare(content, right[index].content) === 0,
    ),
  async perform({ value }, step, context) {
    for (const file of value) await copyFile(file, nodeOf(step), context)
    return undefined
  },
}

const maxBytes = 16 * 1024 * 1024

function readInFolder(from: string, at: Path, { labFile, report }: VariantContext): Buffer | undefined {
  const refuse = (cause: string, hint?: string): undefined => {
    report(at, { message: `cannot copy "${from}": ${cause}`, hint })
  }
  const outside = (): undefined =>
    refuse('it lies outside of the folder of the lab', 'put the file beside the lab file')
  const file = resolve(labFile.folder, from)
  if (!isInside(file, labFile.folder)) return outside()
  try {
    const real = realpathSync(file)
    if (!isInside(real, realpathSync(labFile.folder))) return outside()
    const bytes = readRegularFile(real, maxBytes)
    return typeof bytes === 'string' ? refuse(bytes) : bytes
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(isMissing ? 'there is no such file in the folder of the lab' : messageOf(error))
  }
}

const isInside = (file: string, folder: string): boolean =>
  file.startsWith(folder.endsWith(sep) ? folder : folder + sep)

const textsIn = (copies: readonly Copy[]) =>
  copies.flatMap(({ template, ...copied }) => (template === undefined ? [] : [{ ...copied, template }]))

function fillBytes(
  bytes: Buffer,
  text: string | undefined,
  from: string,
  at: Path,
  { values, report }: VariantContext,
): Uint8Array {
  if (text === undefined || !text.includes('{{')) return new Uint8Array(bytes)
  const filled = fillFile(text, values, (line, message, nearest) =>
    report(at, { message: `${message} (${from}, line ${line})`, nearest }),
  )
  return new TextEncoder().encode(filled)
}

const maxShownBytes = 1 << 14

function describeCopy({ to, from, content }: Copy): CopiedFile {
  const text = content.length > maxShownBytes ? undefined : textOf(content)
  return { to, from, ...(text === undefined ? {} : { text }) }
}

/** Undefined for bytes that are no text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const copyMs = 30_000

/** Writes a file to its path on a node, with the folders above it. @throws WirelabError of kind machinery */
async function copyFile({ to, from, content }: Copy, node: string, { nodes }: StepContext): Promise<void> {
  const write = 'mkdir -p -- "$1" && cat > "$2"'
  const result = await nodes.run(node, ['sh', '-c', write, 'copy', posix.dirname(to), to], {
    timeoutMs: copyMs,
    stdin: content,
  })
  if (result.exitCode !== 0) throw machineryError(`cannot copy ${from} to ${node}:${to}: ${result.stderr.trim()}`)
}
