/** A frame of a pcap file. */
export interface CapturedFrame {
  /** Milliseconds since 1970. */
  readonly stampMs: number
  /** All of it, in hexadecimal. */
  readonly hex: string
  /** The address that sent it, as twelve hexadecimal digits. */
  readonly from: string
}

/** The frames of a pcap file as QEMU writes it: little-endian, with microseconds. */
export function framesOf(pcap: Buffer): CapturedFrame[] {
  const frames: CapturedFrame[] = []
  for (let at = 24; at < pcap.length; ) {
    const end = at + 16 + pcap.readUInt32LE(at + 8)
    const stampMs = pcap.readUInt32LE(at) * 1000 + pcap.readUInt32LE(at + 4) / 1000
    const hex = pcap.toString('hex', at + 16, end)
    frames.push({ stampMs, hex, from: hex.slice(12, 24) })
    at = end
  }
  return frames
}

/** A frame that both ends of a cable have. */
export interface Arrival {
  readonly frame: CapturedFrame
  /** How much later it is at the other end, in milliseconds. */
  readonly delayMs: number
}

/**
 * The frames that both ends of a cable have, in the order of `here`. Such as one end has more than once are left out:
 * nobody can tell those apart.
 */
export function arrivalsOf(here: readonly CapturedFrame[], there: readonly CapturedFrame[]): Arrival[] {
  const [atHere, atThere] = [here, there].map((frames) => Map.groupBy(frames, ({ hex }) => hex))
  return here.flatMap((frame) => {
    const [other, ...more] = atThere?.get(frame.hex) ?? []
    const told = other && more.length === 0 && atHere?.get(frame.hex)?.length === 1
    return told ? { frame, delayMs: other.stampMs - frame.stampMs } : []
  })
}

/** How much later frames are at the other end of their cable, in milliseconds, as `arrivalsOf` has them. */
export function delaysMs(here: readonly CapturedFrame[], there: readonly CapturedFrame[]): number[] {
  return arrivalsOf(here, there).map(({ delayMs }) => delayMs)
}

/** The header of a pcap file of Ethernet frames, as QEMU writes it. */
export const pcapHeader: Buffer = Buffer.from('d4c3b2a10200040000000000000000000000010001000000', 'hex')

/** A record of a pcap file. */
export function pcapRecord(stampMs: number, frame: Buffer): Buffer {
  const header = Buffer.alloc(16)
  const us = Math.round(stampMs * 1000)
  header.writeUInt32LE(Math.floor(us / 1e6), 0)
  header.writeUInt32LE(us % 1e6, 4)
  header.writeUInt32LE(frame.length, 8)
  header.writeUInt32LE(frame.length, 12)
  return Buffer.concat([header, frame])
}
