import test from 'ava'
import { displayWidth } from '../text/plain-text.ts'
import { createPaint } from './paint.ts'
import { wrapLine } from './wrap.ts'

test('a line goes on under where its text begins', (t) => {
  t.deepEqual(wrapLine('    host$ ip link add veth0 type veth peer name eth0 netns container', 40), [
    '    host$ ip link add veth0 type veth',
    '          peer name eth0 netns container',
  ])
  t.deepEqual(wrapLine('  ✓ The container is connected: host reaches container', 30), [
    '  ✓ The container is',
    '    connected: host reaches',
    '    container',
  ])
  t.deepEqual(wrapLine('  12. A veth pair, one end in the container', 30), [
    '  12. A veth pair, one end in',
    '      the container',
  ])
  t.deepEqual(wrapLine('      wanted  host reaches container', 24), [
    '      wanted  host',
    '            reaches',
    '            container',
  ])
})

test('a line that fits stays as it is, and so do its blanks', (t) => {
  t.deepEqual(wrapLine('  a    b', 8), ['  a    b'])
  t.deepEqual(wrapLine('', 10), [''])
})

test('a word wider than the terminal is broken where that ends, and a wide character counts twice', (t) => {
  t.deepEqual(wrapLine(`  ${'x'.repeat(20)}`, 12), [`  ${'x'.repeat(10)}`, `  ${'x'.repeat(10)}`])
  t.deepEqual(wrapLine('漢漢漢', 4), ['漢漢', '漢'])
})

test('colours take no room and none is lost', (t) => {
  const paint = createPaint(true)
  const painted = `    ${paint('dim', 'host$')} ${paint('cyan', 'ip link add veth0 type veth peer name eth0')}`
  const lines = wrapLine(painted, 40)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is taken away
  const plain = lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, ''))
  t.deepEqual(plain, ['    host$ ip link add veth0 type veth', '          peer name eth0'])
  t.is(lines.join('').split('\x1b').length, painted.split('\x1b').length)
})

test('no line is wider than the terminal, however narrow that is', (t) => {
  const line = '      | 64 bytes from 10.0.3.78: icmp_seq=1 ttl=64 time=0.061 ms  漢字 ✓ tail'
  for (let columns = 4; columns < 90; columns += 1)
    for (const part of wrapLine(line, columns)) t.true(displayWidth(part) <= columns, `${columns}: ${part}`)
})

test('a terminal that does not know its width, and says 0, gets lines as they are', (t) => {
  for (const columns of [0, -2]) t.deepEqual(wrapLine('  a b c', columns), ['  a b c'])
})
