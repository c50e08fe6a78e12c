import { readdirSync, statSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../errors.ts'
import type { CopiedFile } from '../../events.ts'
import { maxTextLength } from '../../lab/mutations/auto/mutant-allowance.ts'
import { reportUnknown } from '../../lab/parts/read-kept.ts'
import type { VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { findInRepository } from '../../lab/text/find-in-repository.ts'
import { isInside, readRegularFile } from '../../lab/text/read-lab-file.ts'
import type { Allowance } from '../../lab/values/allowance.ts'
import { fillFile } from '../../lab/values/fill.ts'
import { fillKept } from '../../lab/values/kept.ts'
import { keptIn } from '../../lab/values/placeholders.ts'
import { nodeError } from '../nodes.ts'
import type { StepContext } from '../step-context.ts'
import { type Action, nodeOf } from './action.ts'

/** A file of the lab that is put into a node. */
export interface Copy {
  /** Absolute path in the node's machine. */
  readonly to: string
  /** The file's path from the lab's folder, or as a file elsewhere names it. */
  readonly from: string
  /** The file's bytes; text files have their `{{values}}` filled in. */
  readonly content: Uint8Array
  /** The bytes as they stand in the file. */
  readonly template: Uint8Array
  /** Octal; that of any new file when absent. */
  readonly mode?: string
}

const inFolder = z
  .string()
  .refine((path) => path !== '' && !path.includes('\0'), 'expected the path of a file or folder')

/** The path of a file of a node. */
export const pathInNode = z
  .string()
  .refine(
    (path) => path.startsWith('/') && posix.normalize(path) === path && !path.endsWith('/') && !/\p{Cc}/u.test(path),
    'expected the absolute path of a file, such as /etc/bird/bird.conf',
  )

const keys = {
  copy: z
    .record(
      pathInNode,
      z.union([
        inFolder,
        z.strictObject({
          from: inFolder.describe('The file or folder.'),
          mode: z
            .string()
            .regex(/^0?[0-7]{3}$/, 'expected a mode such as "600"')
            .describe('Mode of each file: "600". Default: 755 of what is executable, else 644.'),
        }),
      ]),
    )
    .describe(
      'Files to copy before the commands run: path in the node: file or folder, seen from this file. It may lie elsewhere in the repository, as ../common/bird.conf.',
    ),
}

/** Copies files of the lab into a node. */
export const copy: Action<readonly Copy[], z.output<z.ZodObject<typeof keys>>> = {
  key: 'copy',
  keys,
  needsNode: true,
  read: (raw, { path, kept, context }) => ({
    value: Object.entries(raw.copy).flatMap(([to, said]) => {
      const at = [...path, 'copy', to]
      const { from, mode } = typeof said === 'string' ? { from: said } : said
      return filesAt(from, to, at, context).map((found): Copy => {
        const modeOfIt = mode ?? found.mode
        const content = filledFile(found.file, found.from, at, context)
        checkContent(content, found.from, at, { kept, report: context.report })
        return {
          ...{ to: found.to, from: found.from, content, template: bytesOf(found.file, context.allowance) },
          ...(modeOfIt === undefined ? {} : { mode: modeOfIt }),
        }
      })
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
    left.every(({ to, content, mode }, index) => {
      const other = right[index]
      return to === other?.to && mode === other.mode && areSame(content, other.content)
    }),
  async perform({ value }, step, context) {
    for (const file of value) await copyFile(file, nodeOf(step), context)
    return undefined
  },
}

/** Reports what no machine could do with a file, and kept values in it that no step before keeps. */
function checkContent(
  content: Uint8Array,
  from: string,
  at: Path,
  { kept, report }: { readonly kept: ReadonlySet<string>; readonly report: VariantContext['report'] },
): void {
  if (isScriptWithCr(content))
    report(at, {
      message: `cannot copy "${from}": its first line ends in CR LF, and no machine finds the program that it names`,
      hint: 'save the file with LF at the ends of its lines',
    })
  for (const name of keptIn(textWithKept(content) ?? '')) reportUnknown(name, at, kept, report, ` (in ${from})`)
}

const areSame = (one: Uint8Array, other: Uint8Array): boolean => one === other || Buffer.compare(one, other) === 0

const maxBytes = 16 * 1024 * 1024

const maxFiles = 500

/** A file to copy: its path from the lab's folder, or as it is named from elsewhere, and that without links. */
interface FoundFile {
  readonly to: string
  readonly from: string
  readonly file: string
  /** What is executable here is so in the node. */
  readonly mode?: '755'
}

/** The file that a lab names, or those of the folder, once they were read; undefined after a mistake is reported. */
function filesAt(
  from: string,
  to: string,
  at: Path,
  { sourceOf, labFile, allowance, report }: VariantContext,
): readonly FoundFile[] {
  const refuse = (cause: string, hint?: string): readonly FoundFile[] => {
    report(at, { message: `cannot copy "${from}": ${cause}`, hint })
    return []
  }
  const folder = dirname(sourceOf(at).file)
  const found = findInRepository(from, folder)
  if (typeof found !== 'string') return refuse(found.cause, found.hint)
  try {
    const { files, folders } = statSync(found).isDirectory() ? allIn(found) : { files: [found], folders: [] }
    for (const one of [...folders, ...files]) allowance.copied.add(join(folder, from, relative(found, one)))
    if (files.length > maxFiles) return refuse(`it has more than ${maxFiles} files`)
    for (const file of files) {
      if (allowance.files.has(file)) continue
      const bytes = readRegularFile(file, Math.min(maxBytes, allowance.fileBytes))
      if (typeof bytes === 'string') return refuse(file === found ? bytes : `${relative(found, file)}: ${bytes}`)
      allowance.fileBytes -= bytes.length
      allowance.files.set(file, bytes)
    }
    return files.map((file) => {
      const inside = relative(found, file)
      const isExecutable = (statSync(file).mode & 0o100) !== 0
      const seen = join(folder, from, inside)
      const said = isInside(seen, labFile.folder) ? relative(labFile.folder, seen) : posix.join(from, inside)
      const named = { to: posix.join(to, inside), from: said, file }
      return isExecutable ? { ...named, mode: '755' } : named
    })
  } catch (error) {
    const isLink = error instanceof Error && 'code' in error && error.code === 'ELOOP'
    return refuse(isLink ? 'it has a link in it, and links are not followed' : messageOf(error))
  }
}

/** All that lies in a folder and in those in it, by name: not what links lead to, which can't be read then. */
function allIn(folder: string): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = (isFolder: boolean) =>
    entries
      .filter((entry) => entry.isDirectory() === isFolder)
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  return { files: paths(false), folders: [folder, ...paths(true)] }
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

/** What files say as text, so that one of which there are many copies is decoded once. */
const texts = new WeakMap<Uint8Array, { readonly text: string | undefined }>()

/** Undefined for bytes that are no text. */
function textOf(bytes: Uint8Array): string | undefined {
  const known = texts.get(bytes) ?? { text: decoded(bytes) }
  texts.set(bytes, known)
  return known.text
}

function decoded(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const copyMs = 30_000

/** Writes a file to its path on a node, with the folders above it. @throws WirelabError of kind machinery */
async function copyFile({ to, from, content: copied, mode }: Copy, node: string, context: StepContext): Promise<void> {
  const { nodes, kept } = context
  const text = textWithKept(copied)
  const content = text === undefined ? copied : new TextEncoder().encode(fillKept(text, kept))
  const write = `mkdir -p -- "$1" && cat > "$2"${mode === undefined ? '' : ` && chmod ${mode} -- "$2"`}`
  const result = await nodes.run(node, ['sh', '-c', write, 'copy', posix.dirname(to), to], {
    timeoutMs: copyMs,
    stdin: content,
  })
  if (result.exitCode !== 0)
    throw nodeError(`cannot copy ${from} to ${node}:${to}: ${result.stderr.trim()}`, result.stderr)
}
