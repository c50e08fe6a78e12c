import { join, relative } from 'node:path'
import { oneLine, plainMessage } from '../../reports/text/plain-text.ts'
import { withRemedy } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import type { RunOptions } from '../run-scope.ts'
import { machinesFolder, saveLab } from '../workshop/saved-lab.ts'

/** So many variants of a run are saved: each can have a hundred megabytes a machine. */
const mostSaved = 5

/** Saves the machines of a variant when its first claim has failed, in its folder of the results. */
export function saveOnFailure(
  results: string,
  accelerator: string,
  tell: (line: string) => void,
): NonNullable<RunOptions['onFailure']> {
  let saved = 0
  return async ({ name, lab, folder }, failure) => {
    const machines = join(results, folder, machinesFolder)
    const path = relative(process.cwd(), machines) || machines
    if (saved++ >= mostSaved)
      return tell(`The machines of ${oneLine(name)} are not saved: those of ${mostSaved} variants are`)
    try {
      const { bytes, lost } = await saveLab(machines, lab.name, accelerator, failure)
      tell(`The machines of ${oneLine(name)} are saved as they were when it failed, ${Math.ceil(bytes / 1e6)} MB`)
      tell(`  ${ownCommand(`open ${relative(process.cwd(), join(results, folder)) || '.'}`)} brings them back`)
      for (const words of lost) tell(`  what does not come back: ${oneLine(words)}`)
    } catch (error) {
      tell(`The machines of ${oneLine(name)} are not saved in ${path}: ${plainMessage(withRemedy(error))}`)
    }
  }
}
