import type { Endpoint } from '../lab.ts'

/** The two halves of `node:interface`, which must have that form. */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.indexOf(':')
  return { node: text.slice(0, colon), nic: text.slice(colon + 1) }
}

/** An endpoint as a lab writes it. */
export const renderEndpoint = ({ node, nic }: Endpoint): string => `${node}:${nic}`
