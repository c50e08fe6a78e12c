import { isIP } from 'node:net'
import { prefixOf } from './addresses.ts'

/**
 * A line of ifconfig(8) or route(8), which machines lack, as lines of ip(8); the line itself when it is another, or says
 * more than these do.
 */
export function ipLines(line: string): readonly string[] {
  const [program, ...words] = line.trim().split(/\s+/)
  if (/^(\/sbin\/)?ifconfig$/.test(program ?? '')) return byIfconfig(words) ?? [line]
  if (/^(\/sbin\/)?route$/.test(program ?? '')) return byRoute(words) ?? [line]
  return [line]
}

function byIfconfig(words: readonly string[]): readonly string[] | undefined {
  const [nic = '', address = '', ...options] = words
  if (!/^[\w.-]+$/.test(nic)) return undefined
  const rest = options.join(' ').replace(/\s*broadcast [\d.]+/, '')
  if (/^(up|down)$/.test(address) && rest === '') return [`ip link set ${nic} ${address}`]
  const match = /^(?:netmask ([\d.]+))?(?: ?up)?$/.exec(rest)
  const mask = match?.[1]
  const [ip = '', prefix = mask === undefined ? undefined : prefixOf(mask)] = address.split('/')
  if (match === null || isIP(ip) === 0 || prefix === undefined) return undefined
  return [`ip addr add ${ip}/${prefix} dev ${nic}`, `ip link set ${nic} up`]
}

const routeWords =
  /^(add|del) (?:-net |-host )?(default|[\d./]+)(?: netmask ([\d.]+))?(?: gw ([\d.]+))?(?: (?:dev )?(?!reject)([\w.-]+))?$/

function byRoute(words: readonly string[]): readonly string[] | undefined {
  const [, action, net, mask, gateway, device] = routeWords.exec(words.join(' ')) ?? []
  if (action === undefined || net === undefined || (gateway === undefined && device === undefined)) return undefined
  const to = net === '0.0.0.0' || net === '0.0.0.0/0' ? 'default' : net
  const prefix = mask === undefined || to === 'default' ? '' : `/${prefixOf(mask)}`
  const via = gateway === undefined ? '' : ` via ${gateway}`
  return [`ip route ${action} ${to}${prefix}${via}${device === undefined ? '' : ` dev ${device}`}`]
}
