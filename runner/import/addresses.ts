import { BlockList, isIP } from 'node:net'

/** An address that shell lines give to an interface. */
export interface Address {
  readonly nic: string
  /** Without prefix length. */
  readonly address: string
  readonly prefix: number
}

/** The addresses that shell lines give to interfaces by ip(8), as far as they stand there in words. */
export const addressesIn = (lines: readonly string[]): readonly Address[] =>
  lines
    .flatMap((line) => line.split(/&&|;/))
    .flatMap((command) => {
      const found = byIp(command)
      return found !== undefined && isIP(found.address) !== 0 ? [found] : []
    })

function byIp(command: string): Address | undefined {
  const [, options = ''] = /\bip\s+(?:-\S+\s+)*a(?:d{1,2}r?(?:ess)?)?\s+a(?:dd)?\s+(.*)/.exec(command) ?? []
  const nic = /\bdev\s+([\w.+-]+)/.exec(options)?.[1]
  const [, address, prefix] = /(?:^|\s)([0-9a-fA-F:.]+)\/(\d{1,3})(?=\s|$|['"])/.exec(options) ?? []
  return nic === undefined || address === undefined ? undefined : { nic, address, prefix: Number(prefix) }
}

/** The prefix length that a netmask of IPv4 is. */
export const prefixOf = (mask: string): number =>
  mask.split('.').reduce((sum, byte) => sum + (Number(byte).toString(2).match(/1/g)?.length ?? 0), 0)

/** Whether two addresses are of one network, whose ends reach each other without a router. */
export function areNeighbours(one: Address, other: Address): boolean {
  const family = isIP(one.address) === 6 ? 'ipv6' : 'ipv4'
  const longest = family === 'ipv6' ? 128 : 32
  if (isIP(one.address) !== isIP(other.address) || one.prefix !== other.prefix || one.prefix >= longest) return false
  const network = new BlockList()
  network.addSubnet(one.address, one.prefix, family)
  return one.address !== other.address && network.check(other.address, family)
}
