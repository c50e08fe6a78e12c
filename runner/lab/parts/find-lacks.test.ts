import test from 'ava'
import { labOf, withSteps } from '../../testing/test-labs.ts'
import { renderWarnings } from '../text/diagnostics.ts'

const image = { name: 'small', programs: new Set(['ip', 'iperf3']) }

/** What is warned of, on machines that have this image. */
const lacksIn = (steps: string, files: Readonly<Record<string, string>> = {}, machines = ['host', 'peer']) =>
  labOf(withSteps(steps), files)
    .findLacks((_, machine) => (machines.includes(machine) ? image : undefined))
    .map(({ message, place }) => `${place?.line}:${place?.column} ${message}`)

test('a program that no image has is warned of where it stands, in commands and claims', (t) => {
  const steps = `  - name: a
    on: host
    run: |
      ip link
      iperf -s | ip x
    expect: [ { output: { on: host, command: vtysh -c x, prints: y } } ]`
  t.deepEqual(lacksIn(steps), [
    '12:7 cannot find program "iperf": image small has none of this name',
    '13:46 cannot find program "vtysh": image small has none of this name',
  ])
  t.deepEqual(lacksIn(steps, {}, []), [])
  const warnings = labOf(withSteps(steps)).findLacks(() => image)
  t.regex(renderWarnings(warnings), /lab\.yaml:12:7: warning: cannot find program "iperf".*did you mean "iperf3"\?/s)
})

test('what a lab brings itself is not warned of', (t) => {
  const mine = '  - { name: b, on: host, run: mine }'
  t.is(lacksIn(mine).length, 1)
  t.deepEqual(lacksIn(`  - { name: a, on: host, copy: { /usr/bin/mine: x } }\n${mine}`, { x: 'x' }), [])
  t.deepEqual(lacksIn(`  - { name: a, on: host, run: ip >/usr/bin/mine }\n${mine}`), [])
  t.deepEqual(lacksIn(`  - { name: a, on: host, run: apt-get install it }\n${mine}`), [])
  t.deepEqual(lacksIn('  - { name: b, on: host, run: "mine() { ip x; }; mine" }'), [])
})
