import { oneLine } from '../../reports/text/plain-text.ts'
import { usageError } from '../errors.ts'
import type { RunOptions } from '../run-scope.ts'
import { openShell } from '../workshop/exec-on.ts'
import type { CommandContext } from './command.ts'

/** Refuses a shell that nobody could type in. @throws WirelabError of kind usage */
export function demandTerminal(values: Readonly<Record<string, unknown>>): void {
  const other = ['mutate', 'json', 'watch', 'jobs'].find((name) => values[name])
  if (other !== undefined)
    throw usageError(
      `cannot open a shell with ${other === 'mutate' ? other : `--${other}`}: --shell-on-failure runs one variant after the other`,
    )
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usageError('cannot open a shell where a claim fails: this is no terminal')
}

/** Opens a shell on the node concerned where a claim failed, on this process's terminal; its verdict stands above. */
export const shellOnFailure =
  ({ stdout }: CommandContext): NonNullable<RunOptions['onFailure']> =>
  async ({ lab }, { step, node, caseName, context: { nodes } }) => {
    stdout.write(
      `\nThis failed: ${oneLine(caseName)}\nThe machines are as they were then, in step "${oneLine(step.name)}".`,
    )
    stdout.write(` A shell on ${oneLine(node)}; its end is the lab's:\n\n`)
    await openShell(nodes, lab.name, node)
    stdout.write('\n')
  }
