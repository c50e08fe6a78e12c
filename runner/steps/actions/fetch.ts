import { join } from 'node:path'
import { z } from 'zod'
import { machineryError } from '../../errors.ts'
import { pathInside } from '../../host/file-names.ts'
import { keepFile } from '../../host/kept-file.ts'
import { stepFile } from '../../host/results-folder.ts'
import { nameSchema } from '../../lab/schema/schema-words.ts'
import { nodeError } from '../nodes.ts'
import type { StepContext } from '../step-context.ts'
import { type Action, nodeOf } from './action.ts'
import { pathInNode } from './copy.ts'

/** A file of a node that is kept in the results. */
export interface Fetch {
  /** What it is called in reports. */
  readonly name: string
  /** Absolute path in the node's machine. */
  readonly from: string
}

const keys = {
  fetch: z
    .record(nameSchema, pathInNode)
    .describe(
      'Files to keep in the results once all else of the step is done: name: path in the node, as { table: /run/table.txt }. That there is none is an error.',
    ),
}

/** Brings files of a node into the results. */
export const fetch: Action<readonly Fetch[], z.output<z.ZodObject<typeof keys>>> = {
  key: 'fetch',
  keys,
  needsNode: true,
  read: (raw) => ({ value: Object.entries(raw.fetch).map(([name, from]) => ({ name, from })) }),
  async perform({ value }, step, context) {
    for (const file of value) await fetchFile(file, step.index, nodeOf(step), context)
    return undefined
  },
}

const fetchMs = 120_000

/** Keeps a file, as far as there is room. @throws WirelabError of kind machinery when there is none */
async function fetchFile({ name, from }: Fetch, step: number, node: string, context: StepContext): Promise<void> {
  const { folder, folderInResults, room, nodes, emit } = context
  // No other file of a step has two endings.
  const file = stepFile(step, name, `fetched${/\.\w{1,10}$/.exec(from)?.[0] ?? ''}`)
  const kept = keepFile(pathInside(folder, file), room)
  let bytes = 0
  const cannot = `cannot fetch ${from} from ${node}`
  try {
    // One byte more than there is room for shows that there is more.
    const { exitCode, stderr, timedOut } = await nodes.run(
      node,
      ['head', '-c', String(kept.freeBytes() + 1), '--', from],
      {
        timeoutMs: fetchMs,
        onOutput(stream, chunk) {
          if (stream !== 'stdout') return
          kept.add(chunk)
          bytes += chunk.length
        },
      },
    )
    if (timedOut) throw machineryError(`${cannot}: not within ${fetchMs / 1000} s`)
    if (exitCode !== 0) throw nodeError(`${cannot}: ${stderr.trim()}`, stderr)
  } finally {
    kept.close()
  }
  emit({
    type: 'file-fetched',
    step,
    node,
    from,
    bytes: bytes - kept.lostBytes,
    ...(kept.lostBytes > 0 ? { cut: true } : {}),
    path: join(folderInResults, file),
  })
}
