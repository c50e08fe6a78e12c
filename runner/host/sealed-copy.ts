import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'

const program = join(import.meta.dirname, 'sealed-copy.pl')

/** The numbers of memfd_create(2) and sendfile(2), for Perl has no names for them (Linux, asm/unistd.h). */
const systemCalls: Readonly<Record<string, readonly [string, string]>> = { x64: ['319', '40'], arm64: ['279', '71'] }

/**
 * Copies a file into memory and returns a descriptor of it, for reading. Any process that inherits the descriptor may
 * open it again, and map it privately, and none can ever write to it (memfd_create(2), F_SEAL_WRITE). It is freed with
 * the last descriptor and the last mapping.
 * @throws WirelabError of kind machinery when the file can't be read, or the memory isn't there
 */
export async function sealedCopy(path: string): Promise<number> {
  const child = spawn('perl', [program, path, ...(systemCalls[process.arch] ?? [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  child.stdin.on('error', () => {})
  try {
    const printed = await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
    if (!Buffer.isBuffer(printed[0])) throw new Error(complaint.trim())
    // The kernel opens here what the other process has open.
    return openSync(`/proc/${child.pid}/fd/${printed[0].toString().trim()}`, 'r')
  } catch (error) {
    throw machineryError(`cannot hold ${path} in memory: ${messageOf(error)}`, undefined, error)
  } finally {
    child.stdin.end()
  }
}
