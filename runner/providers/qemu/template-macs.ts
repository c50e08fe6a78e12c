import { machineryError } from '../../errors.ts'

/** The MAC of a template's NIC, the first of which is 0: bytes that stand nowhere else in a machine. */
export const templateMac = (number: number): string => `02:77:6c:61:62:${number.toString(16).padStart(2, '0')}`

/**
 * A template's state with other MACs for its NICs, as many as it has. A MAC stands in QEMU's part of the state, and in
 * pages of the kernel that has bound its driver: as the address that the NIC has now, and as its permanent one.
 * @throws WirelabError of kind machinery when a NIC's MAC is not there
 */
export function withMacs(state: Uint8Array, macs: readonly string[]): Buffer {
  const changed = Buffer.from(state)
  for (const [number, mac] of macs.entries()) {
    const [old, wanted] = [bytesOf(templateMac(number)), bytesOf(mac)]
    const places = placesOf(Buffer.from(state), old)
    if (places.length === 0) throw machineryError(`cannot set a NIC's address: the template has no NIC ${number}`)
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
