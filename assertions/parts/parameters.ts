import { isIP, SocketAddress } from 'node:net'
import { z } from 'zod'
import type { Reference, World } from '../assertion.ts'
import { whyNoNicName } from './nic-name.ts'

// The pieces that the assertions' parameters are made of, so that all are written alike. What is refined here rather
// than given a pattern stays a plain string in the JSON Schema, where an editor must also accept "{{value}}".

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

/** The name of a node. Whether the lab has it is the lab check's to say. */
export const nodeName = z.string().refine((text) => namePattern.test(text), {
  error: 'expected the name of a node, as "host"',
})

/** The name of an interface. */
export const nicName = z.string().superRefine((text, context) => {
  const wanted = whyNoNicName(text)
  if (wanted === undefined) return
  context.addIssue({ code: 'custom', message: `expected the name of an interface, as "eth0": ${wanted}` })
})

/** An interface of a node, as "host:bridge0". */
export const endpoint = z.string().superRefine((text, context) => {
  const { nic } = splitEndpoint(text)
  const wanted = nic === '' ? undefined : whyNoNicName(nic)
  if (wanted === undefined && isEndpoint(text)) return
  const cause = wanted === undefined ? '' : `: ${wanted}`
  context.addIssue({ code: 'custom', message: `expected an interface of a node, as "host:eth0"${cause}` })
})

/** An IPv4 or IPv6 address, without prefix length. */
export const ipAddress = z.string().refine((text) => isIP(text) !== 0, {
  error: 'expected an IP address, as "10.0.3.78"',
})

/** An address, or a node that declares one. */
export const target = z.string().refine((text) => isIP(text) !== 0 || isNodeName(text), {
  error: 'expected an IP address or the name of a node that declares its address',
})

/** A MAC address, or the interface whose address is meant. */
export const station = z.string().refine((text) => isMac(text) || isEndpoint(text), {
  error: 'expected a MAC address, or an interface of a node, as "container:eth0"',
})

/** A path on a node. */
export const absolutePath = z.string().refine((text) => text.startsWith('/'), { error: 'expected an absolute path' })

/** A TCP or UDP port. */
export const port = z.int().min(1).max(65_535)

/** A VLAN ID; 0 and 4095 are reserved by IEEE 802.1Q. */
export const vlanId = z.int().min(1).max(4094)

/** An IP prefix, or the address of an interface with its prefix length. */
export const prefix = z.string().refine(isPrefix, {
  error: 'expected an IP address with a prefix length, as "10.0.3.1/24"',
})

/** Whether the thing is there. */
export const presence = z.enum(['present', 'absent']).default('present')

/** What is there may take a while to come; what is absent is judged once. */
export const presenceWithinMs = ({ is }: { readonly is: string }): number => (is === 'absent' ? 0 : 5000)

/** Members of a JSON object, of which others may stand beside. */
export const members = z
  .record(z.string(), z.unknown())
  .refine((object) => Object.keys(object).length > 0, { error: 'expected at least one member' })

/** The two halves of an endpoint. */
export function splitEndpoint(text: string): { readonly node: string; readonly nic: string } {
  const [node = '', nic = ''] = text.split(':')
  return { node, nic }
}

/** Whether the text is a MAC address rather than an endpoint. */
export const isMac = (text: string): boolean => macPattern.test(text)

/** The address that a target stands for. Throws when a node declares none, which the lab check finds before. */
export function addressOf(text: string, world: World): string {
  if (isIP(text) !== 0) return text
  const declared = world.addresses[text]
  if (declared === undefined) throw new Error(`cannot reach ${text}: the lab declares no address for this node`)
  return declared
}

/** Whether two texts are the same IP address, however they are written; anything else is the same only to itself. */
export const sameAddress = (one: string | undefined, other: string | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && canonicalAddress(one) === canonicalAddress(other))

/** Whether an address or prefix is an IPv6 one. */
export const isIpv6 = (text: string): boolean => text.includes(':')

/** References of a parameter that names a node. */
export const nodeReference = (name: string, ...path: (string | number)[]): readonly Reference[] => [
  { kind: 'node', name, path },
]

/** References of a parameter that names an endpoint, or a MAC address, which refers to nothing. */
export function endpointReference(text: string | undefined, ...path: (string | number)[]): readonly Reference[] {
  if (text === undefined || isMac(text)) return []
  return nodeReference(splitEndpoint(text).node, ...path)
}

/** References of a parameter that is an address, which refers to nothing, or the name of a node. */
export const targetReference = (text: string, ...path: (string | number)[]): readonly Reference[] =>
  isIP(text) === 0 ? [{ kind: 'address-of', name: text, path }] : []

/** Whether the text is an address with a prefix length that fits it. */
export function isPrefix(text: string): boolean {
  const [ip = '', length, ...rest] = text.split('/')
  const family = isIP(ip)
  if (family === 0 || length === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) return false
  return Number(length) <= (family === 4 ? 32 : 128)
}

/** The one way in which an address is written that may be written in several; other text as it is. */
export const canonicalAddress = (text: string): string =>
  isIP(text) === 6 ? new SocketAddress({ address: text, family: 'ipv6' }).address : text

function isNodeName(text: string): boolean {
  // What is made of digits and dots is a mistyped address.
  return namePattern.test(text) && !/^\d*\.[\d.]*$/.test(text)
}

function isEndpoint(text: string): boolean {
  const parts = text.split(':')
  const [node, nic] = parts
  return (
    parts.length === 2 &&
    node !== undefined &&
    nic !== undefined &&
    namePattern.test(node) &&
    whyNoNicName(nic) === undefined
  )
}
