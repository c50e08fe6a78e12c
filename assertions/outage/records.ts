/** What the two ends of a stream said so far, each in its own clock, milliseconds since 1970. */
export interface SenderRecord {
  /** When each datagram was sent, by its number. */
  readonly sends: number[]
  /** Numbers of the datagrams that the sender's own kernel refused, with its reason. */
  readonly refused: { readonly sequence: number; readonly reason: string }[]
}

export interface ReceiverRecord {
  /** By the kernel's time stamp, in order of arrival. */
  readonly arrivals: Arrival[]
  /** When the machine let the receiver wait for its turn. */
  readonly stalls: Stall[]
}

export interface Arrival {
  readonly sequence: number
  readonly atMs: number
}

/** A time in which an end of the stream could not do its work. */
export interface Stall {
  readonly fromMs: number
  readonly untilMs: number
}

/** Reads lines of an end of a stream, as they come. */
export interface LineReader {
  /** Takes a piece of output. `clock` gets what the end's clock said when it printed this. */
  read(chunk: string, clock: (guestMs: number) => void): void
}

/** An empty record of a sender, and what fills it. */
export function senderRecord(): SenderRecord & LineReader {
  const sends: number[] = []
  const refused: { sequence: number; reason: string }[] = []
  const readLine = (line: string) => {
    const [kind, ...words] = line.split(' ')
    if (kind === 's') {
      const [first = 0, start = 0, ...deltas] = words.map(Number)
      let atMs = start / 1000
      sends[first] = atMs
      for (const [index, delta] of deltas.entries()) {
        atMs += delta / 1000
        sends[first + 1 + index] = atMs
      }
    } else if (kind === 'e') refused.push({ sequence: Number(words[0]), reason: words[1] ?? '' })
  }
  return { sends, refused, read: linesOf(readLine) }
}

/** An empty record of a receiver, and what fills it. */
export function receiverRecord(): ReceiverRecord & LineReader {
  const arrivals: Arrival[] = []
  const stalls: Stall[] = []
  const readLine = (line: string) => {
    const [kind, start, ...words] = line.split(' ')
    let atMs = Number(start) / 1000
    if (kind === 't') stalls.push({ fromMs: atMs - Number(words[0]) / 1000, untilMs: atMs })
    if (kind !== 'r') return
    for (const word of words) {
      const [sequence = 0, delta = 0] = word.split(',').map(Number)
      atMs += delta / 1000
      arrivals.push({ sequence, atMs })
    }
  }
  return { arrivals, stalls, read: linesOf(readLine) }
}

function linesOf(readLine: (line: string) => void): LineReader['read'] {
  let rest = ''
  return (chunk, clock) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('c ')) clock(Number(line.slice(2)) / 1000)
      else readLine(line)
    }
  }
}

/** How far a machine's clock is from the host's. */
export interface ClockOffset {
  /** Takes what the machine's clock said, and when the host heard it. */
  note(guestMs: number, heardMs: number): void
  /**
   * Host's clock minus the machine's; undefined before anything was noted. The true one is smaller by the time that the
   * quickest report took.
   */
  offsetMs(): number | undefined
}

/** An offset that gets better with each report: the quickest counts most. */
export function clockOffset(): ClockOffset {
  let least: number | undefined
  return {
    note(guestMs, heardMs) {
      const difference = heardMs - guestMs
      if (least === undefined || difference < least) least = difference
    },
    offsetMs: () => least,
  }
}
