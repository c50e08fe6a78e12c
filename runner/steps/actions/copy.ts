import { realpathSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { z } from 'zod'
import { machineryError, messageOf } from '../../errors.ts'
import type { CopiedFile } from '../../events.ts'
import { maxTextLength } from '../../lab/mutations/auto/mutant-allowance.ts'
import { reportUnknown } from '../../lab/parts/read-kept.ts'
import type { VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { isInside, readRegularFile } from '../../lab/text/read-lab-file.ts'
import type { Allowance } from '../../lab/values/allowance.ts'
import { fillFile } from '../../lab/values/fill.ts'
import { fillKept } from '../../lab/values/kept.ts'
import { keptIn } from '../../lab/values/placeholders.ts'
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
  /** The bytes as they stand in the folder of the lab. */
  readonly template: Uint8Array
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
  read: (raw, { path, kept, context }) => ({
    value: Object.entries(raw.copy).flatMap(([to, from]) => {
      const at = [...path, 'copy', to]
      const file = fileInFolder(from, at, context)
      if (file === undefined) return []
      const content = filledFile(file, from, at, context)
      if (isScriptWithCr(content))
        context.report(at, {
          message: `cannot copy "${from}": its first line ends in CR LF, and no machine finds the program that it names`,
          hint: 'save the file with LF at the ends of its lines',
        })
      for (const name of keptIn(textWithKept(content) ?? ''))
        reportUnknown(name, at, kept, context.report, ` (in ${from})`)
      return [{ to, from, content, template: bytesOf(file, context.allowance) }]
    }),
  }),
  announce: (copies) => ({ copies: copies.map(describeCopy) }),
  texts: {
    of: (copies) =>
      textsIn(copies).map(({ to, from, content, template }) => {
        const text = textOf(content) ?? ''
        return { text, path: ['copy', to], file: from, template: textOf(template) ?? text }
      }),
    with(copies, nth, text) {
      const changed = textsIn(copies)[nth]?.to
      const content = new TextEncoder().encode(text)
      return copies.map((one) => (one.to === changed ? { ...one, content } : one))
    },
  },
  isSame: (left, right) =>
    left.length === right.length &&
    left.every(({ to, content }, index) => to === right[index]?.to && areSame(content, right[index].content)),
  async perform({ value }, step, context) {
    for (const file of value) await copyFile(file, nodeOf(step), context)
    return undefined
  },
}

const areSame = (one: Uint8Array, other: Uint8Array): boolean => one === other || Buffer.compare(one, other) === 0

const maxBytes = 16 * 1024 * 1024

/** The absolute path of a file that is copied, once it was read; undefined after a mistake is reported. */
function fileInFolder(from: string, at: Path, { labFile, allowance, report }: VariantContext): string | undefined {
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
    if (allowance.files.has(real)) return real
    const bytes = readRegularFile(real, Math.min(maxBytes, allowance.fileBytes))
    if (typeof bytes === 'string') return refuse(bytes)
    allowance.fileBytes -= bytes.length
    allowance.files.set(real, bytes)
    return real
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(isMissing ? 'there is no such file in the folder of the lab' : messageOf(error))
  }
}

/** Those that are text, and no more of it than mutants are made in. */
const textsIn = (copies: readonly Copy[]): readonly Copy[] =>
  copies.filter(
    ({ content, template }) =>
      Math.max(content.length, template.length) <= maxTextLength && textOf(content) !== undefined,
  )

/** The file's bytes as they were read. */
function bytesOf(file: string, { files }: Allowance): Uint8Array {
  const read = files.get(file) ?? Buffer.alloc(0)
  return new Uint8Array(read.buffer, read.byteOffset, read.length)
}

/** The file's bytes with the variant's values; the same bytes however often the file is copied. */
function filledFile(file: string, from: string, at: Path, { values, allowance, report }: VariantContext): Uint8Array {
  const known = values.files.get(file)
  if (known !== undefined) return known
  const bytes = bytesOf(file, allowance)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('{{') ? textOf(bytes) : undefined
  const filled =
    text === undefined ? bytes : new TextEncoder().encode(fillFile(text, from, values, (it) => report(at, it)))
  values.files.set(file, filled)
  return filled
}

/** Whether a file names the program that runs it, with a CR at the end of the name (execve(2)). */
const isScriptWithCr = (content: Uint8Array): boolean =>
  /^#!.*\r\n/.test(Buffer.from(content.subarray(0, 256)).toString('latin1'))

/** A file as text, if it is one and may hold kept values. */
const textWithKept = (content: Uint8Array): string | undefined =>
  Buffer.from(content.buffer, content.byteOffset, content.length).includes('kept.') ? textOf(content) : undefined

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
async function copyFile({ to, from, content: copied }: Copy, node: string, context: StepContext): Promise<void> {
  const { nodes, kept } = context
  const text = textWithKept(copied)
  const content = text === undefined ? copied : new TextEncoder().encode(fillKept(text, kept))
  const write = 'mkdir -p -- "$1" && cat > "$2"'
  const result = await nodes.run(node, ['sh', '-c', write, 'copy', posix.dirname(to), to], {
    timeoutMs: copyMs,
    stdin: content,
  })
  if (result.exitCode !== 0) throw machineryError(`cannot copy ${from} to ${node}:${to}: ${result.stderr.trim()}`)
}
