import type { Mutator } from './mutator.ts'
import { changesOf, spotsOf } from './parts.ts'

/** Puts the next number in the place of a VLAN id, a VNI or a port. */
export const changeNumber: Mutator = {
  kind: 'other',
  changes: (step) => changesOf(step, (part) => spotsOf(part, numbers, next)),
}

const numbers =
  /(?<![\w-])(?:vid|vlan|vni|id|pvid|vlan_default_pvid|port|dport|sport|dstport|srcport|--dport|--sport|table|listen|-l -p)(?:\s+|=)(?:id\s+)?(?<word>\d+)(?![\w.:-])/dg

/** The last VLAN and the last port have none after them. */
const next = (word: string): string | undefined =>
  word === '0' ? undefined : `${Number(word) + (word === '4094' || word === '65535' ? -1 : 1)}`
