import { listLabs } from '../../lab/find-lab.ts'
import type { CommandContext } from '../command.ts'
import { labsFolder } from '../labs-folder.ts'

/** `npm run lab`: the labs, one line each. */
export async function listCommand({ stdout }: CommandContext): Promise<number> {
  const labs = listLabs(labsFolder)
  const width = Math.max(0, ...labs.map(({ name }) => name.length))
  for (const { name, title } of labs)
    stdout.write(`${name.padEnd(width)}  ${title ?? '(its lab.yaml cannot be read)'}\n`)
  return 0
}
