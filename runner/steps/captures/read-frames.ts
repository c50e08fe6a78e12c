import type { Answer } from '../../../assertions/assertion.ts'
import { tryHostCommand } from '../../host/host-command.ts'
import type { PrintedText } from '../../transports/transport.ts'
import type { Missing } from './captures.ts'

/** How many frames an answer shows. */
const shownFrames = 20

/**
 * Counts the frames of a pcap file, its first argument, that a filter accepts, and prints the first of them: numbers,
 * link-level header, no lookups. Lines of what is printed are no count: of an EtherType that it doesn't know tcpdump
 * prints a dump.
 */
const script = `tcpdump --count -r "$0" "$1" && exec tcpdump -nn -e -tt -c ${shownFrames} -r "$0" "$1"`

/** The same of the first bytes of a file, as many as its third argument says. */
const scriptOfBeginning = `head -c "$2" "$0" | tcpdump --count -r - "$1" &&
  head -c "$2" "$0" | tcpdump -nn -e -tt -c ${shownFrames} -r - "$1"`

/**
 * The command that counts and shows the frames of a pcap file, where that file is; `frameAnswer` reads what it printed.
 */
export const countFrames = (file: string, filter: string) => ['sh', '-c', script, file, filter] as const

/** The answer that `countFrames` printed. */
export function frameAnswer(
  result: Pick<Answer, 'exitCode' | 'timedOut'> & Pick<PrintedText, 'stdout' | 'stderr'>,
  { dropped, cut }: Missing,
): Answer {
  const { exitCode, stdout, stderr, timedOut } = result
  const count = /^(\d+) packets?\n/.exec(stdout)
  return {
    exitCode,
    timedOut,
    stdout: count === null ? stdout : stdout.slice(count[0].length),
    // Both commands say which file they read.
    stderr: [...new Set(stderr.split('\n'))].join('\n'),
    ...(count === null ? {} : { frames: Number(count[1]) }),
    ...(dropped === 0 ? {} : { dropped }),
    ...(cut ? { cut } : {}),
  }
}

/** The frames of a pcap file on the host, or of so many bytes at its beginning. */
export async function readFrames(
  { file, bytes }: { readonly file: string; readonly bytes?: number | undefined },
  filter: string,
  signal: AbortSignal,
  missing: Missing = { dropped: 0, cut: false },
): Promise<Answer> {
  const command =
    bytes === undefined
      ? countFrames(file, filter)
      : (['sh', '-c', scriptOfBeginning, file, filter, `${bytes}`] as const)
  const result = await tryHostCommand(command, { signal, stopSignal: 'SIGKILL', title: 'tcpdump' })
  const stderr = result.stderr.replaceAll('reading from file -,', () => `reading from file ${file},`)
  return frameAnswer({ ...result, stderr, timedOut: false }, missing)
}
