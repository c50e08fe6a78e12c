import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { within } from '../../host/deadline.ts'
import type { RunningCommand } from '../../providers/provider.ts'
import { type Nodes, nodeError } from '../nodes.ts'
import { lastLine } from '../transcript.ts'

/** How long a capture may take to begin, and to end, and frames to be read. */
export const captureMs = 20_000

/** A tcpdump that writes the frames of a node's interface into a file of the node. */
export interface Tcpdump {
  /** Whether it listens, or has listened. */
  begun(): boolean
  /** When the interface is up, waits until it listens. */
  settle(): Promise<void>
  /** Why it is no longer whole: it ended though nobody asked it to. */
  whyBroken(): string | undefined
  /**
   * Waits until every frame that came until now is in the file. Returns how many it has, of which more may be there by
   * now, and how many were lost.
   */
  flush(): Promise<InFile>
  /** Ends it when all is in the file. Returns how many frames were lost; undefined when its machine took it along. */
  end(): Promise<number | undefined>
}

/** Frames in a capture's file, unless that is not known, and those that it lacks. */
interface InFile {
  readonly captured?: number
  readonly dropped: number
}

/** What tcpdump reports of itself on a signal, and at its end. */
interface Report {
  readonly captured: number
  /** By the kernel; what it dropped is among them. */
  readonly received: number
  readonly dropped: number
}

/** What is said of an interface that can't be captured yet, by libpcap 1.10. */
const notYet = /No such device|That device is not up/

const waitScript = readFileSync(join(import.meta.dirname, 'when-up.py'), 'utf8')

/**
 * Each frame is in the file at once. A slot of the kernel's buffer holds the longest frame, a whole segment of TCP with
 * its headers, and there are 512: with libpcap's own buffer, which has 8, most of a burst is lost.
 */
const options = ['-s', '65400', '-B', '32768', '-U', '--immediate-mode'] as const

/**
 * Starts tcpdump in a node. When this is done it misses nothing, or the interface isn't up yet: then it begins as soon
 * as that is. An abort ends every wait for it. @throws WirelabError of kind machinery
 */
export async function startTcpdump(
  node: string,
  nic: string,
  file: string,
  nodes: Nodes,
  signal: AbortSignal,
): Promise<Tcpdump> {
  const at = `${node}:${nic}`
  const argv = ['tcpdump', '-i', nic, '-w', file, ...options] as const
  const cannot = `cannot capture on ${at}`
  let run = runTcpdump(nodes.start, node, argv)
  const attempt = () => within(run.ready, captureMs, cannot, signal)
  if ((await attempt()) === 'ended' && notYet.test(run.words())) {
    run = runTcpdump(nodes.start, node, ['python3', '-I', '-S', '-c', waitScript, nic, ...argv])
    await attempt()
  }
  if (run.state() === 'ended') throw nodeError(`${cannot}: ${run.words() || 'tcpdump ended'}`, run.words())

  let asked = false
  const flush = () => within(flushed(run.report), captureMs, `cannot end a look into the capture on ${at}`, signal)
  return {
    begun: () => run.hasListened(),
    async settle() {
      if (run.state() !== 'waiting') return
      const { stdout } = await nodes.run(node, ['cat', `/sys/class/net/${nic}/flags`], { timeoutMs: captureMs })
      if (Number(stdout.trim() || 0) % 2 === 1) await within(run.listening, captureMs, cannot, signal)
    },
    whyBroken() {
      if (run.state() !== 'ended' || asked) return undefined
      return run.isLost() ? 'its machine ended' : run.lastWords()
    },
    flush,
    async end() {
      if (run.isLost()) return undefined
      if (run.state() === 'listening') await flush()
      if (run.isLost()) return undefined
      if (run.state() !== 'ended') {
        asked = true
        run.signal(run.hasListened() ? 'INT' : 'KILL')
        await within(run.ended, captureMs, `cannot end the capture on ${at}`, signal)
      }
      return run.newest()?.dropped ?? 0
    },
  }
}

function runTcpdump(start: Nodes['start'], node: string, argv: readonly [string, ...string[]]) {
  const listening = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  let state: 'begins' | 'waiting' | 'listening' | 'ended' = 'begins'
  let hasListened = false
  let isLost = false
  let words = ''
  let newest: Report | undefined
  let next = Promise.withResolvers<Report>()
  const read = (text: string) => {
    words = `${words}${text}`.slice(-4096)
    if (state !== 'listening' && words.includes('listening on')) {
      state = 'listening'
      hasListened = true
      listening.resolve()
    }
    const found = newestReport(words)
    if (found === undefined) return
    newest = found.report
    words = found.rest
    next.resolve(newest)
    next = Promise.withResolvers()
  }
  const running: RunningCommand = start(node, argv, {
    onOutput(stream, chunk) {
      if (stream === 'stderr') return read(Buffer.from(chunk).toString())
      if (state === 'begins') state = 'waiting'
      waiting.resolve()
    },
  })
  let exitCode: number | undefined
  const ended = running.ended.then(
    (result) => {
      exitCode = result.exitCode
    },
    () => {
      isLost = true
    },
  )
  const over = ended.then(() => {
    state = 'ended'
    return 'ended' as const
  })
  return {
    state: () => state,
    hasListened: () => hasListened,
    isLost: () => isLost,
    words: () => words.trim(),
    lastWords: () => `tcpdump ended with exit code ${exitCode}${lastLine(words.replace(/^.*listening on.*\n/m, ''))}`,
    newest: () => newest,
    ended: over,
    /** Resolves when it listens, and when it never will. */
    listening: Promise.race([listening.promise, over.then(() => {})]),
    ready: Promise.race([listening.promise, waiting.promise, over]),
    signal: running.signal,
    /** Asks for a report. Undefined when it ended instead. */
    report(): Promise<Report | undefined> {
      const report = next.promise
      running.signal('USR1')
      return Promise.race([report, over.then(() => undefined)])
    },
  }
}

/** Asks until all that the kernel had is in the file; what libpcap itself leaves out, as on lo, never comes. */
async function flushed(ask: () => Promise<Report | undefined>): Promise<InFile> {
  let last = await ask()
  const wanted = last === undefined ? 0 : last.received - last.dropped
  for (let still = 0; last !== undefined && last.captured < wanted && still < 3; ) {
    const now = await ask()
    still = now?.captured === last.captured ? still + 1 : 0
    last = now
  }
  return last ?? { dropped: 0 }
}

/** The last report in tcpdump's words, and what stands behind it. */
function newestReport(words: string): { readonly report: Report; readonly rest: string } | undefined {
  const form = /(\d+) packets? captured[\s,]+(\d+) packets? received by filter[\s,]+(\d+) packets? dropped by kernel/g
  const found = [...words.matchAll(form)].at(-1)
  if (found === undefined) return undefined
  const [captured = 0, received = 0, dropped = 0] = found.slice(1).map(Number)
  return { report: { captured, received, dropped }, rest: words.slice(found.index + found[0].length) }
}
