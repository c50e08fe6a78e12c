/**
 * Why a text can't be the name of an interface: it must be one word for the kernel (dev_valid_name: 15 bytes, no /, :
 * or blank, and % numbers), for udev's Name= (no number alone, ASCII), for ip -batch (quotes, #), for patterns of names
 * (*, ?, [) and for option parsers (-). Undefined when it can.
 */
export function whyNoNicName(name: string): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,14}$/.test(name))
    return 'at most 15 letters, digits, . _ + and -, a letter, digit or _ first'
  if (/^\d+$/.test(name)) return 'no number alone, which tools take for an index'
  if (reserved.has(name) || name.startsWith('renaming')) return `not "${name}", which means something else`
  return undefined
}

/** All and default are settings of all interfaces; any is tcpdump's; bonding_masters is a file among the interfaces. */
const reserved: ReadonlySet<string> = new Set(['all', 'default', 'any', 'bonding_masters'])
