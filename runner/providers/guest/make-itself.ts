import { randomBytes, randomUUID } from 'node:crypto'
import { machineryError } from '../../errors.ts'
import type { PlannedMachine } from '../../plan.ts'
import type { Connection } from '../../transports/transport.ts'
import { makeItselfScript } from './guest-scripts.ts'
import { clockForward } from './set-clock.ts'

export interface MakeItselfOptions {
  /** The names of the NICs that are in it already. */
  readonly plugged: readonly string[]
  /** How long it stood still, its clock being right before; without it the clock is set as it is now. */
  readonly missedMs?: number
  readonly timeoutMs: number
}

/**
 * Gives a machine what must be its own: clock, name, machine id, randomness, the names of its NICs.
 * @throws WirelabError of kind machinery when a NIC is missing
 */
export async function makeItself(
  connection: Connection,
  planned: PlannedMachine,
  { plugged, missedMs, timeoutMs }: MakeItselfOptions,
): Promise<void> {
  const result = await connection.run(
    [
      ...(['bash', '-c', makeItselfScript, 'make-itself'] as const),
      missedMs === undefined ? `@${(Date.now() / 1000).toFixed(3)}` : clockForward(missedMs),
      planned.name,
      randomUUID().replaceAll('-', ''),
      randomBytes(32).toString('hex'),
      ...planned.nics.map((nic) => `${nic.mac}=${nic.name}${plugged.includes(nic.name) ? '' : '=later'}`),
    ],
    { timeoutMs },
  )
  if (result.exitCode !== 0) throw machineryError(`cannot set up machine ${planned.name}: ${result.stderr.trim()}`)
}
