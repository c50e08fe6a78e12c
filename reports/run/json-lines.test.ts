import test from 'ava'
import { eventsVersion } from '../../runner/events.ts'
import { fixtureEvents, readFixture } from '../fixtures/fixture.ts'
import { parseEvents, renderEvent } from './json-lines.ts'

const progress = '{"type":"progress","at":1,"message":"x"}\n'

test('an event is one line and comes back as it was', (t) => {
  for (const event of fixtureEvents('every-outcome')) {
    const line = renderEvent(event)
    t.is(line.indexOf('\n'), line.length - 1)
    t.deepEqual(parseEvents(line), [event])
  }
})

test('a text with newlines and lone surrogates stays on its line', (t) => {
  const line = renderEvent({ type: 'progress', at: 1, message: 'a\nb\u2028\ud800' })
  t.is(line.split('\n').length, 2)
  t.true(line.isWellFormed())
})

test('nothing in a line speaks to the terminal that shows it, or turns it', (t) => {
  const event = { type: 'progress', at: 1, message: 'a\u009b31m\u007f\u202eb\u2066\u2028é' } as const
  const line = renderEvent(event)
  t.notRegex(line.trimEnd(), /[\p{Cc}\p{Bidi_Control}\p{Zl}]/u)
  t.true(line.includes('é'))
  t.deepEqual(parseEvents(line), [event])
})

test('the last line of a killed run may be cut anywhere', (t) => {
  for (let length = 0; length < progress.length - 1; length += 1) {
    t.is(parseEvents(progress + progress.slice(0, length)).length, 1, `cut at ${length}`)
  }
})

test('a last line without its newline counts when it is whole', (t) => {
  t.is(parseEvents(progress + progress.trimEnd()).length, 2)
})

test('a broken line in the middle is named by its number', (t) => {
  t.throws(() => parseEvents(`${progress}{"type":\n${progress}`), { message: /^line 2: / })
  t.throws(() => parseEvents(`${progress}${progress}nonsense\n`), { message: /line 3/ })
})

test('a line that is JSON but no event is named with its type', (t) => {
  const message = (line: string) => t.throws(() => parseEvents(`${line}\n${progress}`))?.message
  t.is(message('{"type":"teapot","at":1}'), 'line 1: this is not an event (type "teapot")')
  t.is(message('null'), 'line 1: this is not an event (type none)')
  t.is(message('{"type":"progress"}'), 'line 1: this is not an event (type "progress")')
  t.is(message('{"type":"toString","at":1}'), 'line 1: this is not an event (type "toString")')
})

test('events of another version are refused, whatever they are', (t) => {
  const [started] = fixtureEvents('passed')
  if (started === undefined) return t.fail()
  const { version, ...old } = { version: 0, ...started }
  t.is(version, eventsVersion)
  const message = (first: object) =>
    t.throws(() => parseEvents(`${JSON.stringify(first)}\n{"type":"teapot"}\n`))?.message
  t.is(message(old), `its events are of version 1, and this wirelab reads version ${eventsVersion}`)
  t.is(
    message({ ...old, version: 99, at: 'never' }),
    `its events are of version 99, and this wirelab reads version ${eventsVersion}`,
  )
  t.is(message(started), 'line 2: this is not an event (type "teapot")')
})

test('no text is no events', (t) => {
  t.deepEqual(parseEvents(''), [])
})

test('the recorded killed run ends in the middle of a line', (t) => {
  t.false(readFixture('killed.jsonl').endsWith('\n'))
  t.is(fixtureEvents('killed').at(-1)?.type, 'step-finished')
})
