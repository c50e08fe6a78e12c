import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import test from 'ava'
import { makeClientKey, makeHostKey } from './ssh-keys.ts'

/** Reads SSH's length-prefixed fields (RFC 4251, section 5). */
function fieldsOf(bytes: Buffer, count: number) {
  const fields: Buffer[] = []
  let at = 0
  while (fields.length < count) {
    const length = bytes.readUInt32BE(at)
    fields.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { fields, rest: bytes.subarray(at) }
}

test('the private half signs what the public half verifies', (t) => {
  const { privateText, publicText } = makeClientKey()
  const [type, encoded, comment] = publicText.trim().split(' ')
  t.deepEqual([type, comment], ['ssh-ed25519', 'wirelab'])
  const publicKey = fieldsOf(Buffer.from(encoded ?? '', 'base64'), 2).fields[1]

  const blob = Buffer.from(privateText.replace(/-----.*-----/g, ''), 'base64')
  const magic = Buffer.from('openssh-key-v1\0')
  t.deepEqual(blob.subarray(0, magic.length), magic)
  const { fields: header, rest } = fieldsOf(blob.subarray(magic.length), 3)
  t.deepEqual(header.map(String), ['none', 'none', ''])
  t.is(rest.readUInt32BE(0), 1)
  const [, section = Buffer.alloc(0)] = fieldsOf(rest.subarray(4), 2).fields
  t.is(section.length % 8, 0)
  t.is(section.readUInt32BE(0), section.readUInt32BE(4))
  const { fields, rest: padding } = fieldsOf(section.subarray(8), 4)
  t.deepEqual(fields[1], publicKey)
  t.deepEqual(
    [...padding],
    Array.from({ length: padding.length }, (_, index) => index + 1),
  )

  const x = fields[1]?.toString('base64url') ?? ''
  const d = fields[2]?.subarray(0, 32).toString('base64url') ?? ''
  const message = Buffer.from('hello')
  const signature = sign(null, message, createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' }))
  t.true(verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature))
})

test('a host key is what dropbear reads: its type, and both halves in one field', (t) => {
  const { privateBytes, publicText } = makeHostKey()
  const { fields, rest } = fieldsOf(privateBytes, 2)
  t.is(String(fields[0]), 'ssh-ed25519')
  t.is(fields[1]?.length, 64)
  t.is(rest.length, 0)
  t.deepEqual(fieldsOf(Buffer.from(publicText, 'base64'), 2).fields[1], fields[1]?.subarray(32))
})

test('each key is another', (t) => {
  t.not(makeClientKey().publicText, makeClientKey().publicText)
})

test('a public half that begins with a zero byte, as one in 256 does, is whole', (t) => {
  const publicHalf = () => fieldsOf(Buffer.from(makeHostKey().publicText, 'base64'), 2).fields[1]
  let half = publicHalf()
  while (half?.[0] !== 0) half = publicHalf()
  t.is(half.length, 32)
})
