import { randomBytes, randomUUID } from 'node:crypto'
import { machineryError } from '../../errors.ts'
import type { PlannedMachine } from '../../plan.ts'
import type { Connection } from '../../transports/transport.ts'
import { makeItselfScript } from './guest-scripts.ts'

/**
 * Gives a machine what must be its own: clock, name, machine id, randomness, the names of its NICs. `plugged` names
 * those that are in it already.
 * @throws WirelabError of kind machinery when a NIC is missing
 */
export async function makeItself(
  connection: Connection,
  planned: PlannedMachine,
  plugged: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const result = await connection.run(
    [
      ...(['bash', '-c', makeItselfScript, 'make-itself'] as const),
      (Date.now() / 1000).toFixed(3),
      planned.name,
      randomUUID().replaceAll('-', ''),
      randomBytes(32).toString('hex'),
      ...planned.nics.map((nic) => `${nic.mac}=${nic.name}${plugged.includes(nic.name) ? '' : '=later'}`),
    ],
    { timeoutMs },
  )
  if (result.exitCode !== 0) throw machineryError(`cannot set up machine ${planned.name}: ${result.stderr.trim()}`)
}
