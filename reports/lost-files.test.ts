import test from 'ava'
import type { RunEvent } from '../runner/events.ts'
import { everyReport } from './fixtures/every-report.ts'
import { fixtureEvents, lossyEvents, lostLog } from './fixtures/fixture.ts'
import { parseJunit } from './junit/parse-junit.ts'
import { summarise } from './run/summary.ts'

const told = `${lostLog} could not be written to its end: ENOSPC: no space left on device`

test('every report names a log that could not be written, with the cause, and none calls it the whole output', async (t) => {
  const drawn = await everyReport(lossyEvents('passed'))
  for (const name of ['terminal', 'terminal, verbose', 'annotations', 'step summary', 'report.html', 'junit.xml'])
    t.true(drawn.get(name)?.replaceAll('\\', '').includes(told), `${name}: ${drawn.get(name)}`)
  for (const name of ['terminal', 'report.html']) {
    t.notRegex(drawn.get(name) ?? '', /the whole output/)
    t.regex(drawn.get(name) ?? '', /what could be written of the output/)
  }
})

test('of a run that passed and whose record is not whole no report says that it passed', async (t) => {
  t.is(summarise(lossyEvents('passed')).outcome, 'error')
  t.is(summarise(lossyEvents('every-outcome')).outcome, 'failed')
  const drawn = await everyReport(lossyEvents('passed'))
  t.notRegex(drawn.get('report.html') ?? '', /All 3 claims hold/)
  t.regex(drawn.get('junit.xml') ?? '', /<testsuites name="wirelab" tests="4" failures="0" errors="1"/)
})

test('whether a record is whole is no claim: comparisons of runs do not know it', async (t) => {
  const [whole, lossy] = await Promise.all(
    [fixtureEvents('passed'), lossyEvents('passed')].map((one) => everyReport(one)),
  )
  t.deepEqual(parseJunit(lossy?.get('junit.xml') ?? ''), parseJunit(whole?.get('junit.xml') ?? ''))
})

test('of very many lost files the reports name twenty, and the number of the rest', async (t) => {
  const events = lossyEvents('passed').flatMap((event): RunEvent[] =>
    event.type === 'record-lost'
      ? Array.from({ length: 500 }, (_, at) => ({ ...event, path: `x/${at}.log` }))
      : [event],
  )
  const drawn = await everyReport(events)
  for (const name of ['terminal', 'report.html', 'junit.xml', 'step summary']) {
    t.is(
      new Set(
        drawn
          .get(name)
          ?.replaceAll('\\', '')
          .match(/x\/\d+\.log could not be written/g),
      ).size,
      20,
      name,
    )
    t.regex(drawn.get(name) ?? '', /and 480 more/)
  }
})
