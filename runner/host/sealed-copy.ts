import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { machineryError, messageOf } from '../errors.ts'

const program = join(import.meta.dirname, 'sealed-copy.pl')

/** The numbers of memfd_create(2) and sendfile(2), for Perl has no names for them (Linux, asm/unistd.h). */
const systemCalls: Readonly<Record<string, readonly [string, string]>> = { x64: ['319', '40'], arm64: ['279', '71'] }

/** A copy of a file in memory. */
export interface SealedCopy {
  /** Of the copy, for reading. */
  readonly descriptor: number
  /**
   * Resolves when all is copied, and nobody can write to it any more. Before that it has its size, and no more is to
   * be relied on. Throws WirelabError of kind machinery when the file can't be read, or the memory isn't there.
   */
  readonly sealed: Promise<void>
}

/**
 * Begins to copy a file into memory. Any process that inherits the descriptor may open it again, and map it privately,
 * and once it is sealed none can ever write to it (memfd_create(2), F_SEAL_WRITE). It is freed with the last descriptor
 * and the last mapping.
 * @throws WirelabError as `sealed` does
 */
export async function beginSealedCopy(path: string): Promise<SealedCopy> {
  const child = spawn('perl', [program, path, ...(systemCalls[process.arch] ?? [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  closed.catch(() => {})
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  child.stdin.on('error', () => {})
  const failure = (error: unknown) =>
    machineryError(`cannot hold ${path} in memory: ${messageOf(error)}`, undefined, error)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => {
    const { value, done } = await lines.next()
    if (!done) return value
    await closed
    throw new Error(complaint.trim())
  }
  try {
    // The kernel opens here what the other process has open.
    const descriptor = openSync(`/proc/${child.pid}/fd/${await nextLine()}`, 'r')
    const sealed = nextLine().then(
      () => void child.stdin.end(),
      (error: unknown) => {
        child.stdin.end()
        throw failure(error)
      },
    )
    sealed.catch(() => {})
    return { descriptor, sealed }
  } catch (error) {
    child.stdin.end()
    throw failure(error)
  }
}

/** Copies a file into memory and returns a descriptor of it, sealed. @throws WirelabError as `beginSealedCopy` does */
export async function sealedCopy(path: string): Promise<number> {
  const { descriptor, sealed } = await beginSealedCopy(path)
  await sealed
  return descriptor
}
