import test from 'ava'
import { boundedOutput } from './bounded-output.ts'

function filled(limit: number, ...chunks: string[]) {
  const output = boundedOutput(limit)
  for (const chunk of chunks) output.add(Buffer.from(chunk))
  return output
}

test('output up to the bound is kept whole', (t) => {
  const output = filled(10, '01234', '56789')
  t.is(output.text(), '0123456789')
  t.false(output.cut)
})

test('of longer output the head and the tail are kept, and what is missing is counted', (t) => {
  const output = filled(10, '0123456789', 'abcdefghij')
  t.is(output.text(), '01234\n[10 bytes cut]\nfghij')
  t.true(output.cut)
})

test('however long the output is, what is kept stays within the bound', (t) => {
  const output = boundedOutput(1000)
  for (let at = 0; at < 100_000; at++) output.add(Buffer.from('0123456789'))
  t.is(output.text().length, 1000 + '\n[999000 bytes cut]\n'.length)
  t.true(output.text().endsWith('0123456789'))
})

test('bytes that are no text do not break it', (t) => {
  t.is(filled(100, 'a').text(), 'a')
  const output = boundedOutput(100)
  output.add(Uint8Array.of(0xff, 0x00, 0x41))
  t.is(output.text(), '\uFFFD\0A')
})
