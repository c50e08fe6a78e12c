import { machineryError } from '../../errors.ts'

/** How many slots templates have: that of a machine is the smallest that is enough. More NICs are plugged in. */
const slotCounts = [4, 8, 16, 24]

/** The most NICs that a machine can have from the beginning. */
const mostSlots = Math.max(...slotCounts)

/** How many slots the template of a machine with that many NICs has. */
export const slotsFor = (nics: number): number => slotCounts.find((count) => count >= nics) ?? mostSlots

/** The MAC of a slot in a template: bytes that stand nowhere else in a frozen state. */
export const slotMac = (slot: number): string => `02:77:6c:61:62:${slot.toString(16).padStart(2, '0')}`

/**
 * A frozen state with other MACs in its first slots. QEMU keeps a NIC's MAC in the state, and what it was started with
 * counts only from the NIC's next reset on.
 * @throws WirelabError of kind machinery when a slot's MAC is not there
 */
export function withMacs(state: Uint8Array, macs: readonly string[]): Buffer {
  const changed = Buffer.from(state)
  for (const [slot, mac] of macs.entries()) {
    const [old, wanted] = [bytesOf(slotMac(slot)), bytesOf(mac)]
    const places = placesOf(Buffer.from(state), old)
    if (places.length === 0)
      throw machineryError(`cannot set a NIC's address: slot ${slot} has none in the frozen state`)
    for (const at of places) wanted.copy(changed, at)
  }
  return changed
}

const bytesOf = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex')

function placesOf(bytes: Buffer, wanted: Buffer): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) places.push(at)
  return places
}
