import test from 'ava'
import { labOf, mistakesOf, withSteps } from '../../testing/test-labs.ts'

const steps = `  - { name: Make, id: make, on: host, run: "make {{how}}" }
  - { name: Plug, id: plug, on: host, run: plug }
  - { name: Connected, expect: [{ ping: { from: host, to: peer, is: reachable } }] }
  - { name: Break, id: break, on: host, run: break }
`
const lab = (puzzle: string, without = 'plug') =>
  `${withSteps(steps, 'values: { how: well }')}mutations:
  - name: m
    without: ${without}
    caught-by: [Connected]
    puzzle: ${puzzle}
`
const whole = '{ level: 2, until: plug, hint: Look, solution: Plug it, mend: [{ on: host, run: "plug {{how}}" }] }'

test('a puzzle says after which step it is posed, what helps to find it, and what mends it', (t) => {
  t.deepEqual(labOf(lab(whole)).mutations[0]?.trials[0]?.puzzle, {
    ...{ level: 2, until: 1, hints: ['Look'], solution: 'Plug it' },
    mend: [{ node: 'host', commands: 'plug well' }],
  })
})

test('events mend a puzzle too, with the values of the variant, and each mistake in them is shown', (t) => {
  const mended = (events: string) =>
    lab(whole.replace(/mend: .*/, `mend: [{ events: [${events}] }, { on: host, run: plug }] }`))
      .replace('well', 'up')
      .replace('\nsteps', '\nlinks: [{ endpoints: ["host:eth1", "peer:eth1"] }]\nsteps')
  const [link, machine] = [
    'link: { endpoint: "host:eth1", state: "{{how}}" }',
    'machine: { node: peer, state: running }',
  ]
  t.deepEqual(labOf(mended(`{ ${link} }, { ${machine} }`)).mutations[0]?.trials[0]?.puzzle?.mend, [
    { event: { kind: 'link', endpoint: { node: 'host', nic: 'eth1' }, state: 'up', direction: 'both' } },
    { event: { kind: 'machine', node: 'peer', state: 'running' } },
    { node: 'host', commands: 'plug' },
  ])
  t.deepEqual(mistakesOf(mended(`{ ${link.replace('eth1', 'eth9')} }`)), [
    '17:108 cannot do this at host:eth9: no link ends there',
  ])
  t.deepEqual(mistakesOf(mended('{ link: { endpoint: "host:eth1", state: well } }')), [
    '17:127 cannot use "well" as state: expected up, down or silent',
  ])
  t.deepEqual(mistakesOf(mended('')), ['17:78 cannot use a list as events: expected at least one event'])
  t.deepEqual(mistakesOf(lab(whole.replace('run: "plug {{how}}"', `events: [{ ${machine} }]`))), [
    '16:78 cannot use key "on": it means nothing here',
  ])
})

test('a puzzle is posed at the last step that does something, where nothing else is said', (t) => {
  const claimed = lab(whole.replace(' until: plug,', '')).replace(
    'run: break }',
    'run: ":", expect: [{ ping: { from: host, to: peer, is: reachable } }] }',
  )
  t.is(labOf(claimed).mutations[0]?.trials[0]?.puzzle?.until, 3)
})

const mistake = (from: string | RegExp, to: string, without?: string) =>
  mistakesOf(lab(whole.replace(from, to), without))

test('each mistake in a puzzle is shown where it stands', (t) => {
  t.deepEqual(mistake('until: plug', 'until: plgu'), ['16:32 cannot find step "plgu"'])
  t.deepEqual(mistake('until: plug', 'until: make'), [
    '16:32 cannot make a puzzle after step "Make": it stands before the change',
  ])
  t.deepEqual(mistake('until: plug', 'until: make', 'make'), [
    '16:32 cannot make a puzzle after step "Make": nothing is claimed from there to the next step that does something',
  ])
  t.deepEqual(mistake('until: plug, ', ''), [
    '16:5 cannot make a puzzle after step "Break": nothing is claimed from there to the next step that does something',
  ])
  t.deepEqual(mistake('on: host', 'on: hots'), ['16:82 cannot mend the lab on hots: it has no such node'])
  t.regex(mistake('plug {{how}}', 'plug ((').join(), /^16:94 cannot run these commands: /)
  t.regex(mistake('level: 2', 'level: 4').join(), /^16:22 /)
  t.regex(mistake('hint: Look', 'hint: [a, b, c]').join(), /^16:/)
})
