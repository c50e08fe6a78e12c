import test from 'ava'
import { labWith, runTest } from '../testing/test-run.ts'

const keeps = (keep: string) => `  - { name: key, on: a, run: make-key, keep: ${keep} }`
const printing = (stdout: string) => ({
  answer: (_machine: string, command: string) => (command === 'make-key' ? { stdout } : undefined),
})
const errorsOf = ({ events }: Awaited<ReturnType<typeof runTest>>) =>
  events.flatMap((event) => (event.type === 'step-finished' && event.message ? [event.message] : []))

test('a value that a step printed is in later commands, files and expectations', async (t) => {
  const lab = labWith(`${keeps('{ key: ".+", port: "port ([0-9]+)" }')}
  - { name: use, on: b, run: "wg set {{kept.key}} x", start: { id: p, run: "serve {{kept.port}}" } }
  - name: claim
    expect:
      - output: { on: b, command: "show {{kept.key}}", equals: "" }
      - connect: { from: b, to: a, port: "{{kept.port}}", is: refused }`)
  const { provider, cases } = await runTest(lab, printing('\nab cd=\nport 51820\n'))
  t.true(provider.calls.includes("b$ bash -eo pipefail -c wg set 'ab cd=' x"))
  t.true(provider.calls.some((call) => call.endsWith('serve 51820')))
  t.true(provider.calls.includes("b$ bash -eo pipefail -c show 'ab cd='"))
  t.true(provider.calls.some((call) => call.includes('51820') && call.includes('10.0.0.1')))
  t.is(cases[0]?.claim, '"show {{kept.key}}" on b prints nothing')
})

test('what is not printed, or empty, is the step’s error', async (t) => {
  const uses = '\n  - { name: use, on: b, run: "wg set {{kept.key}}" }'
  const missing = await runTest(labWith(`${keeps('{ key: "pub (.*)" }')}${uses}`), printing('nothing of it\n'))
  t.deepEqual(errorsOf(missing), ['cannot keep key: /pub (.*)/ is not in what the commands printed'])
  t.is(missing.outcome, 'error')
  t.false(missing.provider.calls.some((call) => call.includes('wg set')))
  const empty = await runTest(labWith(`${keeps('{ key: "pub (.*)" }')}${uses}`), printing('pub \n'))
  t.regex(errorsOf(empty)[0] ?? '', /cannot keep key: .* finds nothing but an empty text/)
})

test('a kept value that the assertion does not take is an error, not a failure', async (t) => {
  const lab = labWith(`${keeps('{ key: .+ }')}
  - { name: claim, expect: [{ ping: { from: b, to: "{{kept.key}}", is: reachable, within: 0ms } }] }`)
  const { cases } = await runTest(lab, printing('no address'))
  t.is(cases[0]?.outcome, 'error')
  t.is(
    cases[0]?.found,
    'cannot use "no address" as to: expected an IP address or the name of a node that declares its address',
  )
})

test('a mutant whose step keeps nothing any more is caught by what wants it', async (t) => {
  const lab = labWith(`  - { name: key, id: key, on: a, run: make-key, keep: { key: .+ } }
  - { name: claim, expect: [{ output: { on: b, command: "show {{kept.key}}", equals: "" } }] }`)
  const { events } = await runTest(lab, printing('k\n'), { kind: 'mutate-auto' })
  const caught = events.flatMap((event) => (event.type === 'scope-finished' ? [event.caught] : []))
  t.true(caught.length > 0)
  t.deepEqual([...new Set(caught)], [true])
})
