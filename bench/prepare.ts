import { machineryError } from '../runner/errors.ts'
import { argumentsOf } from './processes.ts'
import { holdStep, rowSteps, runLab } from './run-lab.ts'
import { runNpm, type Tree } from './run-npm.ts'

/** A checkout that is ready to be measured, and what it runs with. */
export interface Prepared {
  readonly tree: Tree
  /** Versions, accelerator and host, as the first event of its runs has them. */
  readonly surroundings: Readonly<Record<string, string>>
  /** The arguments that QEMU is started with for a machine. */
  readonly qemuArguments: readonly string[]
}

/**
 * Sets a checkout up, which builds its image where that is not in the cache, and starts machines with as many NICs as
 * those have that are measured: what is made when it is first needed is there then, and in the host's page cache.
 * @throws WirelabError of kind machinery
 */
export async function prepare(tree: Tree, signal: AbortSignal): Promise<Prepared> {
  await runNpm(tree, ['setup'], { signal })
  await runLab(tree, 1, rowSteps(1), { signal })
  let qemuArguments: readonly string[] = []
  const onHold = ({ qemus: [qemu = 0] }: { qemus: readonly number[] }) => {
    qemuArguments = argumentsOf(qemu)
  }
  const events = await runLab(tree, 3, [...rowSteps(3), holdStep('all')], { signal, onHold })
  const surroundings = events.find(({ type }) => type === 'run-started')?.surroundings
  if (!surroundings || qemuArguments.length === 0)
    throw machineryError(`cannot measure ${tree.commit}: its runs tell too little`)
  return { tree, surroundings, qemuArguments }
}
