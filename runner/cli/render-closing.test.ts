import test from 'ava'
import { fixtureEvents } from '../../reports/fixtures/fixture.ts'
import { summarise } from '../../reports/run/summary.ts'
import type { KeptLab } from '../providers/provider.ts'
import { renderClosing } from './render-closing.ts'

const closing = (name: string) =>
  renderClosing(summarise(fixtureEvents(name)), 'results/x', [], { isDrawn: true }).split('\n')

test('a run ends with its report, and with the command that comes next', (t) => {
  t.deepEqual(closing('passed'), [
    'Results: results/x',
    'Report:  results/x/report.html',
    'Next:    npm run lab handout bridge-veth  (the lab on paper)',
    '',
  ])
})

test('where one variant went wrong the next command is a shell at its step, and where several did it runs them again', (t) => {
  const events = fixtureEvents('every-outcome')
  const one = events.filter((event) => {
    if (event.type === 'run-started') return true
    return !('scope' in event) || event.scope === 'bridge-veth/default'
  })
  const told = one.map((event) =>
    event.type === 'run-started'
      ? { ...event, scopes: event.scopes.filter(({ lab }) => lab === 'bridge-veth') }
      : event,
  )
  t.true(
    renderClosing(summarise(told), 'r', [], { isDrawn: true }).includes(
      `npm run lab shell bridge-veth/default -- --until 'The container is connected'`,
    ),
  )
  t.true(closing('every-outcome').includes('Next:    npm run lab -- --last-failed  (again, what did not pass)'))
})

test('nothing is said to come next after mutations, or when the run was killed', (t) => {
  for (const name of ['mutations', 'killed']) t.is(closing(name).length, 3, name)
})

test('what is left up is named with the way in to each node', (t) => {
  const kept = { lab: 'x', variant: 'a', nodes: { host: 'host', box: 'host' } } as Partial<KeptLab> as KeptLab
  t.deepEqual(
    renderClosing(summarise(fixtureEvents('passed')), 'results/x', [kept], { isDrawn: true })
      .split('\n')
      .slice(2),
    [
      'Left up: x/a',
      '  npm run lab shell x/a host',
      '  npm run lab shell x/a box',
      '  npm run lab down x  (ends them)',
      '',
    ],
  )
})

test('a report that could not be drawn is not named, but how to draw it again', (t) => {
  const lines = renderClosing(summarise(fixtureEvents('passed')), 'results/x', [], { isDrawn: false }).split('\n')
  t.is(lines[1], 'Report:  not drawn; npm run lab report results/x draws it again')
  t.false(lines.some((line) => line.includes('report.html')))
})
