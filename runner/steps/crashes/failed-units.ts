import type { Step } from '../../lab/lab.ts'
import type { StepContext } from '../step-context.ts'

const askMs = 30_000
const mostUnits = 3

const listUnits = ['systemctl', 'list-units', '--failed', '--plain', '--no-legend', '--type=service'] as const

/**
 * Shows with a step that went wrong what the failed units of its machine logged, if there are any. Whoever can't be
 * asked any more has nothing to add.
 */
export async function showFailedUnits(step: Step, { nodes, signal, emit }: StepContext): Promise<void> {
  if (step.node === undefined) return
  const { node } = step
  try {
    const machine = nodes.machineOf(node)
    const { stdout } = await machine.run(listUnits, { timeoutMs: askMs, signal })
    const units = stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || [])
    for (const unit of units.slice(0, mostUnits)) {
      const words = ['journalctl', '-u', unit, '-b', '--no-pager', '-n', '20'] as const
      const { exitCode, stderr, cut, durationMs, ...logged } = await machine.run(words, { timeoutMs: askMs, signal })
      const command = words.join(' ')
      const { stdout: journal } = logged
      emit({
        type: 'command-finished',
        step: step.index,
        node,
        command,
        exitCode,
        stdout: journal,
        stderr,
        cut,
        durationMs,
      })
    }
  } catch {
    signal.throwIfAborted()
  }
}
