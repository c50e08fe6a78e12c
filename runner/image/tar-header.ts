/** Archives are made of blocks of so many bytes. */
export const blockBytes = 512

/** The header of a regular file of the archives that tar reads (POSIX.1-2017, pax, "ustar Interchange Format"). */
export function renderTarHeader(name: string, bytes: number): Buffer {
  const header = Buffer.alloc(blockBytes)
  const octal = (number: number, digits: number) => `${number.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write([octal(0o644, 7), octal(0, 7), octal(0, 7), octal(bytes, 11), octal(0, 11)].join(''), 100)
  // The checksum is counted with blanks in its place.
  header.write(`${' '.repeat(8)}0`, 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)} `, 148)
  return header
}

/** How many zeros follow a file of so many bytes. */
export const paddingBytes = (bytes: number): number => (blockBytes - (bytes % blockBytes)) % blockBytes
