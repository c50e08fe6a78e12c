/** A file for an archive. */
export interface CpioFile {
  readonly path: string
  /** Type and permissions, as stat(2) has them. */
  readonly mode: number
  readonly content?: Buffer
}

/**
 * An archive of files that are root's, as the kernel unpacks it before its first process (its
 * Documentation/driver-api/early-userspace/buffer-format.rst, "newc"). It may stand behind another one.
 */
export const renderCpio = (files: readonly CpioFile[]): Buffer =>
  Buffer.concat([...files, { path: 'TRAILER!!!', mode: 0 }].map(renderMember))

function renderMember({ path, mode, content = Buffer.alloc(0) }: CpioFile, at: number): Buffer {
  const name = Buffer.from(`${path}\0`)
  // Inode, mode, owner, group, links, time; size; devices; length of the name; no checksum.
  const numbers = [at + 1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`)
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(content)])
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
