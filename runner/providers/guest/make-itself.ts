import { randomBytes, randomUUID } from 'node:crypto'
import { machineryError, messageOf } from '../../errors.ts'
import { hostNowMs } from '../../host/host-now.ts'
import type { PlannedMachine } from '../../plan.ts'
import type { Connection } from '../../transports/transport.ts'

export interface MakeItselfOptions {
  /** The names of the NICs that are in it already. */
  readonly plugged: readonly string[]
  /** How long it stood still, its clock being right before; without it the clock is set as it is now. */
  readonly missedMs?: number
  readonly timeoutMs: number
}

/**
 * Gives a machine what must be its own: clock, name, machine id, randomness, the names of its NICs.
 * @throws WirelabError of kind machinery when a NIC is missing, or the machine says nothing
 */
export async function makeItself(
  connection: Connection,
  planned: PlannedMachine,
  { plugged, missedMs, timeoutMs }: MakeItselfOptions,
): Promise<void> {
  const now = `@${(hostNowMs() / 1000).toFixed(3)}`
  const words = [
    missedMs === undefined ? now : `+${(missedMs / 1000).toFixed(6)}`,
    planned.name,
    randomUUID().replaceAll('-', ''),
    randomBytes(32).toString('hex'),
    ...planned.nics.flatMap(({ mac, name }) => (plugged.includes(name) ? `${mac}=${name}` : [])),
  ]
  try {
    await connection.call('make_itself', words, timeoutMs)
  } catch (error) {
    throw machineryError(`cannot set up machine ${planned.name}: ${messageOf(error)}`, undefined, error)
  }
}
