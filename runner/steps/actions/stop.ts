import type { z } from 'zod'
import { nameSchema } from '../../lab/schema/schema-words.ts'
import { listNames, soFar } from '../../lab/text/list-names.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { Action } from './action.ts'

const keys = {
  stop: nameSchema.describe('The id of a background process to end: by INT, then TERM, then KILL.'),
}

/** Ends a background process; its value is the process's id. */
export const stop: Action<string, z.output<z.ZodObject<typeof keys>>> = {
  key: 'stop',
  keys,
  read({ stop: id }, { path, processes, context: { report } }) {
    if (processes.has(id)) return { value: id }
    const known = soFar(processes)
    report([...path, 'stop'], {
      message: `cannot stop "${id}": neither this step nor one before it starts it`,
      nearest: () => nearestWord(id, known()),
      hint: processes.size === 0 ? 'nothing is started up to here' : () => `the processes are ${listNames(known())}`,
    })
    return undefined
  },
  perform: ({ value }, step, { background }) => background.stop(step.index, value),
}
