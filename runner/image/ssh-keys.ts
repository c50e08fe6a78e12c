import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** An SSH key as the two files that ssh-keygen would write. */
export interface ClientKey {
  readonly privateText: string
  /** One line, as authorized_keys wants it. */
  readonly publicText: string
}

/** The key that machines show who logs in to them. */
export interface HostKey {
  /** As dropbear keeps it in a file. */
  readonly privateBytes: Buffer
  /** Base64 of the public half in SSH's wire format (RFC 8709). */
  readonly publicText: string
}

const type = 'ssh-ed25519'
const comment = 'wirelab'

/** Makes the host key of machines, in the format of dropbear's files (its src/ed25519.c). */
export function makeHostKey(): HostKey {
  const { publicKey, secret } = makeKeyPair()
  const publicText = Buffer.concat([field(type), field(publicKey)]).toString('base64')
  return { privateBytes: Buffer.concat([field(type), field(Buffer.concat([secret, publicKey]))]), publicText }
}

/** Makes an unencrypted Ed25519 key in OpenSSH's own format (its PROTOCOL.key; RFC 8709 for the public half). */
export function makeClientKey(): ClientKey {
  const { publicKey, secret } = makeKeyPair()
  const publicBlob = Buffer.concat([field(type), field(publicKey)])
  const check = randomBytes(4)
  const privateFields = Buffer.concat([
    check,
    check,
    publicBlob,
    field(Buffer.concat([secret, publicKey])),
    field(comment),
  ])
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'), // cipher
    field('none'), // key derivation
    field(''), // and its options
    uint32(1), // number of keys
    field(publicBlob),
    field(Buffer.concat([privateFields, padding(privateFields.length)])),
  ])
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return {
    privateText: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicText: `${type} ${publicBlob.toString('base64')} ${comment}\n`,
  }
}

function makeKeyPair() {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { publicKey: Buffer.from(x ?? '', 'base64url'), secret: Buffer.from(d ?? '', 'base64url') }
}

function uint32(value: number) {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

function field(content: string | Buffer) {
  const bytes = Buffer.from(content)
  return Buffer.concat([uint32(bytes.length), bytes])
}

const blockSize = 8

const padding = (length: number) =>
  Buffer.from(Array.from({ length: (blockSize - (length % blockSize)) % blockSize }, (_, index) => index + 1))
