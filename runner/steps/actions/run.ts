import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path/posix'
import { machineryError } from '../../errors.ts'
import type { Copy, Script } from '../../lab/lab.ts'
import type { CommandResult } from '../../providers/provider.ts'
import type { Nodes } from '../nodes.ts'
import { renderTranscript } from '../transcript.ts'

/** A script that has run. */
export interface RanScript {
  readonly result: CommandResult
  readonly transcript: string
}

const copyMs = 30_000
/** A script can print without end; its log on the host is cut here. */
const logLimitBytes = 256 * 1024 * 1024

/**
 * Runs a step's commands on a node by one shell that ends at the first that fails. When the output is too long for
 * the result, the whole of it is in `log`; otherwise there is no such file.
 */
export async function runScript(
  nodes: Nodes,
  node: string,
  script: Script,
  log: string,
  signal: AbortSignal,
): Promise<RanScript> {
  const file = openSync(log, 'w')
  let written = 0
  try {
    const result = await nodes.run(node, ['bash', '-e', '-c', script.text], {
      timeoutMs: script.timeoutMs,
      signal,
      onOutput(_stream, chunk) {
        if (written < logLimitBytes) writeSync(file, chunk)
        written += chunk.length
      },
    })
    if (!result.cut) rmSync(log)
    return {
      result,
      transcript: renderTranscript([{ command: `[${node}] $ ${script.text.trimEnd()}`, answer: result }]),
    }
  } finally {
    closeSync(file)
  }
}

/** Writes a lab's file to a path on a node, with the folders above it. @throws WirelabError of kind machinery */
export async function copyFile(nodes: Nodes, node: string, copy: Copy, signal: AbortSignal): Promise<void> {
  const write = 'mkdir -p -- "$1" && cat > "$2"'
  const result = await nodes.run(node, ['sh', '-c', write, 'copy', dirname(copy.to), copy.to], {
    timeoutMs: copyMs,
    signal,
    stdin: copy.content,
  })
  if (result.exitCode !== 0)
    throw machineryError(`cannot copy ${copy.from} to ${node}:${copy.to}: ${result.stderr.trim()}`)
}
