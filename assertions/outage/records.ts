/** What an end of a stream or of requests said so far, in its own clock, milliseconds since 1970. */
export interface EndRecord {
  /** When each datagram or request was sent, by its number. */
  readonly sends: number[]
  /**
   * Numbers of the datagrams that the sender's own kernel refused, and of requests without an answer, with the reason.
   */
  readonly refused: { readonly sequence: number; readonly reason: string }[]
  /** Of datagrams by the kernel's time stamp, or of answers, in order. */
  readonly arrivals: Arrival[]
  /** When the machine let the receiver wait for its turn. */
  readonly stalls: Stall[]
  /** Takes a piece of output. `clock` gets what the end's clock said when it printed this. */
  read(chunk: string, clock: (guestMs: number) => void): void
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

/** An empty record of an end, and what fills it. */
export function endRecord(): EndRecord {
  const sends: number[] = []
  const refused: { sequence: number; reason: string }[] = []
  const arrivals: Arrival[] = []
  const stalls: Stall[] = []
  const readLine = (line: string) => {
    const [kind, start = '', ...words] = line.split(' ')
    let atMs = Number(start) / 1000
    if (kind === 's') {
      const [first = 0, ...deltas] = [start, ...words].map(Number)
      atMs = 0
      for (const [index, delta] of deltas.entries()) {
        atMs += delta / 1000
        sends[first + index] = atMs
      }
    } else if (kind === 'e') refused.push({ sequence: Number(start), reason: words[0] ?? '' })
    else if (kind === 't') stalls.push({ fromMs: atMs - Number(words[0]) / 1000, untilMs: atMs })
    else if (kind === 'r') {
      for (const word of words) {
        const [sequence = 0, delta = 0] = word.split(',').map(Number)
        atMs += delta / 1000
        arrivals.push({ sequence, atMs })
      }
    }
  }
  return { sends, refused, arrivals, stalls, read: linesOf(readLine) }
}

function linesOf(readLine: (line: string) => void): EndRecord['read'] {
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
