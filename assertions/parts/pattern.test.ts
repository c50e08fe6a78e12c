import test from 'ava'
import { parsePattern, whyNoPattern } from './pattern.ts'

const isFound = (pattern: string, text: string) => parsePattern(pattern).isFound(text)

test('a pattern means what JavaScript means by it', (t) => {
  const texts = [
    'a\r\nb',
    'a\rb',
    '\u00a0x',
    '1.10',
    'a-z]',
    'x{2}',
    '[:alpha:]',
    'tab\there',
    '',
    'a\u2028b',
    'A_b',
    '\u0007',
  ]
  const patterns = [
    '^b$',
    '^a$',
    'a.b',
    '\\sx',
    '[\\s-]',
    '[^\\S]x',
    '^[\\d.]+$',
    '[\\w-.]',
    'x{2}',
    'x\\{2',
    '{',
    ']',
    '[[:a]',
  ]
  patterns.push(
    '[]',
    '[^]',
    '\\u0061',
    '\\x61',
    '\\cG',
    '\\/',
    '[\\b]',
    '\\bhere\\b',
    '(?<n>a)|b',
    '(?i:a_B)',
    'a{0,}?b',
    '\\0',
    '^$',
  )
  for (const pattern of patterns)
    for (const text of texts)
      t.is(isFound(pattern, text), new RegExp(pattern, 'm').test(text), `/${pattern}/ in ${text}`)
})

test('any pattern of the kinds that labs use is found where JavaScript finds it', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1e6)
  t.log(`FUZZ_SEED=${seed}`)
  const random = randomNumbers(seed)
  const pick = (items: readonly string[]) => items[random(items.length)] ?? ''
  const atoms = ['a', 'b', '\\d', '\\s', '\\w', '.', '[ab]', '[^a]', '[\\d-]', '\\.', '1', '\\S', '\\b', '[\\s\\S]']
  const piece = (depth: number): string => {
    const inner =
      depth > 0 && random(4) === 0 ? `(${pick(['', '?:'])}${branch(depth - 1)}|${branch(depth - 1)})` : pick(atoms)
    return inner + (inner === '\\b' ? '' : pick(['', '', '', '*', '+', '?', '{2}', '{1,3}', '*?']))
  }
  const branch = (depth: number): string => Array.from({ length: 1 + random(3) }, () => piece(depth)).join('')
  let tooLarge = 0
  for (let number = 0; number < 1000; number++) {
    const pattern = pick(['', '', '^']) + branch(2) + pick(['', '', '$'])
    const text = Array.from({ length: random(12) }, () => pick(['a', 'b', '1', ' ', '.', '\n', '\r\n', '-', 'é'])).join(
      '',
    )
    // By chance one has so many repetitions of repetitions that it is refused.
    if (whyNoPattern(pattern)?.includes('too large')) tooLarge++
    else t.is(isFound(pattern, text), new RegExp(pattern, 'm').test(text), `/${pattern}/ in ${JSON.stringify(text)}`)
  }
  t.true(tooLarge < 10, `${tooLarge} of 1000 are too large`)
})

test('what is found is the first, with its place', (t) => {
  t.deepEqual(parsePattern('b+').find('abbab'), { index: 1, found: 'bb' })
  t.is(parsePattern('c').find('abbab'), undefined)
})

test('what can match in many ways takes no longer', (t) => {
  const before = process.cpuUsage()
  for (const pattern of ['^(x|xx)+$', '^(a+)+$', '(x+x+)+y', '^(x*)*!$', '(?:x?){30}x{30}'])
    isFound(pattern, `${'x'.repeat(100_000)}!`)
  const { user, system } = process.cpuUsage(before)
  t.true(user + system < 5_000_000)
})

test('what no engine does in bounded time is refused with the reason', (t) => {
  t.regex(whyNoPattern('port (?!40000$)') ?? '', /looks around, by "\(\?!"/)
  for (const pattern of ['(?=a)', '(?<=a)b', '(?<!a)b']) t.regex(whyNoPattern(pattern) ?? '', /looks around/)
  t.regex(whyNoPattern('(a)\\1') ?? '', /refers back to a group, by "\\1"/)
  t.regex(whyNoPattern('(?<n>a)\\k<n>') ?? '', /refers back/)
  t.regex(whyNoPattern('(?s:.)') ?? '', /only i/)
  t.regex(whyNoPattern('(') ?? '', /expected a JavaScript regular expression/)
  for (const pattern of ['x{1001}', '(x{50}){50}', 'x{900}y{900}', `${'('.repeat(450)}${')'.repeat(450)}x{999}`])
    t.regex(whyNoPattern(pattern) ?? '', /too large/)
  t.regex(whyNoPattern('x'.repeat(2000)) ?? '', /at most 1000/)
})

/** Whole numbers below a limit, the same for the same seed (xorshift). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = (seed || 1) >>> 0
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % limit
  }
}

test('what is picked is what is found, or its first group', (t) => {
  t.is(parsePattern('b+').pick('abbab'), 'bb')
  t.is(parsePattern('port (?:is )?(\\d+) (x)').pick('port is 80 x'), '80')
  t.is(parsePattern('(?<name>b)?a').pick('aa'), '')
  t.is(parsePattern('^(\\S+)$').pick('a b\r\nc\r\n'), 'c')
  t.is(parsePattern('\\(a\\)[(]').pick('(a)('), '(a)(')
  t.is(parsePattern('((((a){2}){2}){2}){2}').pick('a'.repeat(16)), 'a'.repeat(8))
  t.is(parsePattern('c').pick('ab'), undefined)
})
