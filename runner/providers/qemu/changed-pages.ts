import { machineryError } from '../../errors.ts'

/*
 * The stream in which QEMU writes a machine's state (its migration/savevm.c and migration/ram.c; docs/devel/migration):
 * a header, the memory page by page, then the devices, whose length nobody knows but QEMU.
 */

/** The kinds of sections, by their first byte. */
const kinds = { start: 1, part: 2, end: 3, subsection: 5, configuration: 7 } as const
const magic = 0x5145564d
/** What stands behind a section: a byte, and its number. */
const footerBytes = 5
/** The marks of a record of memory, in the lowest bits of a page's place. */
const marks = { zero: 0x02, sizes: 0x04, page: 0x08, end: 0x10, sameBlock: 0x20 } as const
const pageBytes = 4096
/** A record's mark and place. */
const headBytes = 8

/** The memory that a machine began with: a buffer that holds the page at a place, and where in it that begins. */
export type ReadPage = (place: number) => readonly [bytes: Buffer, at: number]

/**
 * Takes a machine's state as it comes, in whatever pieces, and returns it without the pages of its memory that are as
 * they were. QEMU loads that into a machine that begins with the same memory.
 * @throws WirelabError of kind machinery for a stream of another kind
 */
export function changedPages(memoryBytes: number, readPage: ReadPage): (chunk: Buffer) => Buffer {
  const kept: Buffer[] = []
  const reading: Reading = { inMemory: false, keep: (bytes) => void kept.push(bytes) }
  const parsing = parse(memoryBytes, readPage, reading)
  let [held, at]: [Buffer, number] = [Buffer.alloc(0), 0]
  let wanted = parsing.next().value as number
  return (chunk) => {
    held = at === held.length ? chunk : Buffer.concat([held.subarray(at), chunk])
    at = 0
    while (wanted > 0) {
      // Nearly all pages end here: a hundred thousand in each machine.
      if (reading.inMemory) at = skipUnchanged(held, at, readPage)
      if (held.length - at < wanted) break
      at += wanted
      // Behind the memory nothing is looked at.
      wanted = parsing.next(held.subarray(at - wanted, at)).value ?? 0
    }
    if (wanted === 0) {
      kept.push(held.subarray(at))
      at = held.length
    }
    const changed = Buffer.concat(kept)
    kept.length = 0
    return changed
  }
}

/** Returns where the first record stands that is not a whole page of the same block, or has changed. */
function skipUnchanged(held: Buffer, from: number, readPage: ReadPage): number {
  for (let at = from; ; ) {
    if (held.length - at < headBytes) return at
    const [mark, place] = headAt(held, at)
    const isZero = mark === (marks.zero | marks.sameBlock)
    const next = at + headBytes + (isZero ? 1 : pageBytes)
    if (next > held.length || !(isZero || mark === (marks.page | marks.sameBlock))) return at
    if (!isUnchanged(isZero ? zeroes : held, isZero ? 0 : at + headBytes, readPage(place))) return at
    at = next
  }
}

const zeroes = Buffer.alloc(pageBytes)

const isUnchanged = (page: Buffer, from: number, [bytes, at]: ReturnType<ReadPage>) =>
  page.compare(bytes, at, at + pageBytes, from, from + pageBytes) === 0

/** The mark of a record, and the place of its page in the block. */
const headAt = (bytes: Buffer, at: number): [mark: number, place: number] => {
  const low = bytes.readUInt32BE(at + 4)
  const mark = low & (pageBytes - 1)
  return [mark, bytes.readUInt32BE(at) * 2 ** 32 + low - mark]
}

/** How far a state is read. */
interface Reading {
  /** The next is a record, and the one before it was of the machine's memory. */
  inMemory: boolean
  keep(bytes: Buffer): void
}

/** Asks for so many bytes at a time, and gets them. */
type Parsing<T = void> = Generator<number, T, Buffer>

function* parse(memoryBytes: number, readPage: ReadPage, reading: Reading): Parsing {
  const { keep } = reading
  function* pass(bytes: number): Parsing<Buffer> {
    const passed = bytes === 0 ? Buffer.alloc(0) : yield bytes
    keep(passed)
    return passed
  }
  const number = function* (): Parsing<number> {
    return (yield* pass(4)).readUInt32BE()
  }
  const word = function* (): Parsing<string> {
    return (yield* pass((yield* pass(1)).readUInt8())).toString('latin1')
  }
  const copy = pagesWithout(memoryBytes, readPage, { reading, pass, word })

  if ((yield* pass(8)).readUInt32BE() !== magic) throw notUnderstood('its beginning')
  let kind = (yield* pass(1)).readUInt8()
  if (kind === kinds.configuration) {
    yield* pass(yield* number())
    kind = (yield* pass(1)).readUInt8()
    while (kind === kinds.subsection) {
      const name = yield* word()
      if (name !== 'configuration/capabilities') throw notUnderstood(name)
      yield* number()
      for (let left = yield* number(); left > 0; left--) yield* word()
      kind = (yield* pass(1)).readUInt8()
    }
  }
  for (;;) {
    yield* number()
    if (kind === kinds.start) {
      const name = yield* word()
      if (name !== 'ram') throw notUnderstood(name)
      yield* pass(8)
    } else if (kind !== kinds.part && kind !== kinds.end) throw notUnderstood(`a section of kind ${kind}`)
    yield* copy()
    yield* pass(footerBytes)
    if (kind === kinds.end) return
    kind = (yield* pass(1)).readUInt8()
  }
}

/** Copies the records of a section of memory, but for pages that are as they were. */
function pagesWithout(
  memoryBytes: number,
  readPage: ReadPage,
  { reading, pass, word }: { readonly reading: Reading; pass(bytes: number): Parsing<Buffer>; word(): Parsing<string> },
): () => Parsing {
  const { keep } = reading
  let memory: string | undefined
  let [block, keptBlock] = ['', '']
  return function* () {
    for (;;) {
      reading.inMemory = block !== '' && block === memory
      const head = yield headBytes
      reading.inMemory = false
      const [mark, place] = headAt(head, 0)
      if (mark === marks.end) return keep(head)
      if (mark === marks.sizes) {
        keep(head)
        for (let left = place; left > 0; ) {
          const name = yield* word()
          // Its size, and where it lies in the machine.
          const size = Number((yield* pass(16)).readBigUInt64BE())
          if (size === memoryBytes) memory = name
          left -= size
        }
        continue
      }
      if ((mark & ~(marks.zero | marks.page | marks.sameBlock)) !== 0) throw notUnderstood(`a record of kind ${mark}`)
      if ((mark & marks.sameBlock) === 0) block = (yield (yield 1).readUInt8()).toString('latin1')
      const content = yield mark & marks.zero ? 1 : pageBytes
      if (block === memory && isUnchanged(mark & marks.zero ? zeroes : content, 0, readPage(place))) continue
      keep(headOf(place, mark, block === keptBlock ? undefined : block))
      keep(content)
      keptBlock = block
    }
  }
}

/** The head of a page's record; the block is named where it is not that of the record before. */
function headOf(place: number, mark: number, block: string | undefined): Buffer {
  const name =
    block === undefined ? Buffer.alloc(0) : Buffer.from(`${String.fromCharCode(block.length)}${block}`, 'latin1')
  const head = Buffer.alloc(headBytes)
  head.writeBigUInt64BE(
    BigInt(place + (mark & (marks.zero | marks.page)) + (block === undefined ? marks.sameBlock : 0)),
  )
  return Buffer.concat([head, name])
}

const notUnderstood = (what: string) =>
  machineryError(`cannot tell what changed in a machine's memory: QEMU's state has ${what}, which is not known here`)
