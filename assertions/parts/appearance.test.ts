import test from 'ava'
import { output } from '../output.ts'
import { quote, quoteApart } from './appearance.ts'

function found(wanted: object, stdout: string): string {
  const parameters = output.parameters.parse({ on: 'a', command: 'x', ...wanted })
  const answer = { exitCode: 0, stdout, stderr: '', timedOut: false }
  return output.judge(parameters, [answer], { addresses: {} }).found
}

test('texts that look alike are told apart', (t) => {
  t.is(found({ equals: 'one\ntwo' }, 'one\r\ntwo\r\n'), 'the output "one␍⏎two" is not "one⏎two"')
  t.is(found({ equals: 'one\ntwo' }, 'one \ntwo\n'), 'the output "one␠⏎two" is not "one⏎two"')
  t.is(found({ equals: 'one  two' }, 'one two'), 'the output "one two" is not "one␠␠two"')
  t.is(found({ equals: 'one two' }, 'one\ttwo'), 'the output "one␉two" is not "one two"')
  t.is(found({ equals: 'one two' }, 'one\u00a0two'), 'the output "one\\u{a0}two" is not "one two"')
  t.is(found({ equals: 'onetwo' }, 'one\u200btwo'), 'the output "one\\u{200b}two" is not "onetwo"')
  t.is(found({ equals: 'é' }, 'e\u0301'), 'the output "e\\u{301}" is not "é"')
})

test('texts that differ where nothing is shown are shown from there', (t) => {
  const [one, other] = quoteApart(`${'a'.repeat(500)}1${'b'.repeat(500)}`, `${'a'.repeat(500)}2${'b'.repeat(500)}`)
  t.regex(one, /^"…a+1b+…"$/)
  t.regex(other, /^"…a+2b+…"$/)
})

test('what is seen to differ is shown as it is', (t) => {
  t.is(found({ equals: '300' }, '3000\n'), 'the output "3000" is not "300"')
  t.is(found({ contains: 'vepa' }, '  mode\n  bridge\n'), 'the output "mode ⏎ bridge" lacks "vepa"')
})

test('a text that seems to be contained, or to match, is shown with what prints nothing', (t) => {
  const long = 'line\n'.repeat(200)
  t.regex(found({ contains: 'one\ntwo' }, `${long}one\r\ntwo\r\n${long}`), /one␍⏎two␍⏎.* lacks "one⏎two"$/)
  t.is(found({ matches: '^ok$' }, 'begun\nok \nover'), 'the output "begun⏎ok␠⏎over" does not match /^ok$/')
})

test('of a long text the ends are quoted', (t) => {
  const text = quote(`begin${'\n'.repeat(100_000)}end`)
  t.true(text.length <= 162)
  t.regex(text, /^"begin.*end"$/)
})
