import type { CommandContext } from './command.ts'

/** What a shell reports for a command that SIGPIPE ended. */
const readerLeft = 141

/**
 * Does what writes to the output for as long as somebody reads it: its signal is aborted as the command's is, and when
 * the reader leaves. Returns its exit code, or what a shell reports for a reader that left.
 */
export async function whileRead(
  { stdout, signal }: Pick<CommandContext, 'stdout' | 'signal'>,
  act: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const left = new AbortController()
  const leave = () => left.abort(new Error('nobody reads the output any more'))
  stdout.once('error', leave)
  try {
    return await act(AbortSignal.any([signal, left.signal]))
  } catch (error) {
    if (error === left.signal.reason) return readerLeft
    throw error
  } finally {
    stdout.off('error', leave)
  }
}
