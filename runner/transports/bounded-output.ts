/** Output kept up to a bound: the head and the tail, when the whole is longer. */
export interface BoundedOutput {
  add(chunk: Uint8Array): void
  /** What was kept, as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string
  readonly cut: boolean
}

/** Keeps at most `limitBytes`; of longer output the first and the last half. */
export function boundedOutput(limitBytes: number): BoundedOutput {
  const half = limitBytes / 2
  const head: Uint8Array[] = []
  let headBytes = 0
  let tail: Uint8Array[] = []
  let tailBytes = 0
  let dropped = 0

  const trimTail = () => {
    // Trimmed only when it has doubled, so that each byte is copied a bounded number of times.
    if (tailBytes <= limitBytes) return
    const whole = Buffer.concat(tail)
    dropped += whole.length - half
    tail = [Buffer.from(whole.subarray(whole.length - half))]
    tailBytes = half
  }

  return {
    add(chunk) {
      const room = Math.max(0, half - headBytes)
      if (room > 0) {
        head.push(chunk.subarray(0, room))
        headBytes += Math.min(room, chunk.length)
      }
      if (chunk.length > room) {
        tail.push(chunk.subarray(room))
        tailBytes += chunk.length - room
        trimTail()
      }
    },
    text() {
      const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
      const end = Buffer.concat(tail)
      const excess = dropped > 0 ? Math.max(0, end.length - half) : Math.max(0, headBytes + end.length - limitBytes)
      const whole = dropped + excess
      if (whole === 0) return decode(Buffer.concat([...head, end]))
      return `${decode(Buffer.concat(head))}\n[${whole} bytes cut]\n${decode(end.subarray(excess))}`
    },
    get cut() {
      return dropped > 0 || headBytes + tailBytes > limitBytes
    },
  }
}
