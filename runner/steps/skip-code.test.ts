import test from 'ava'
import { labWith, runTest } from '../testing/test-run.ts'

const steps = (more: string) => `  - name: before
    expect: [{ output: { on: a, command: "true", equals: "" } }]
  - { name: selftest, on: a, run: selftest, skip-code: 4${more} }
  - name: after
    expect: [{ output: { on: a, command: "true", equals: "" } }]`

const ending = (exitCode: number) => ({
  answer: (_machine: string, command: string) =>
    command === 'selftest' ? { exitCode, stdout: 'begins\nSKIP: no such device\n' } : undefined,
})

const caseIn = (name: string) => `${name}: "true" on a prints nothing`

for (const more of ['', ', refused: true', ', keep: { key: device }'])
  test(`a step whose commands say that it can't be tried is skipped with all after it${more}`, async (t) => {
    const { outcome, cases, events } = await runTest(labWith(steps(more)), ending(4))
    t.is(outcome, 'passed')
    const found = Object.fromEntries(cases.map((one) => [one.case, [one.outcome, one.found]]))
    t.is(found[caseIn('before')]?.[0], 'passed')
    t.deepEqual(found[caseIn('after')], ['skipped', 'not tried: SKIP: no such device'])
    t.deepEqual(events.flatMap((event) => (event.type === 'step-finished' ? [event.outcome] : [])).slice(0, 3), [
      'passed',
      'skipped',
      'skipped',
    ])
  })

test('any other exit code is the step’s error', async (t) => {
  const { outcome } = await runTest(labWith(steps('')), ending(3))
  t.is(outcome, 'error')
})

test('a mutation with which the lab can not be tried is not caught, and says why', async (t) => {
  const mutations = `mutations:
  - name: another test
    instead: { step: probe, run: selftest }
    caught-by: [claimed]`
  const lab = labWith(
    `  - { name: probe, id: probe, on: a, run: quiet, skip-code: 4 }
  - { name: claimed, expect: [{ output: { on: a, command: "true", equals: "" } }] }`,
    mutations,
  )
  const { events } = await runTest(lab, ending(4), { kind: 'mutate' })
  const scopes = events.flatMap((event) => (event.type === 'scope-finished' ? [[event.outcome, event.message]] : []))
  t.deepEqual(scopes, [['skipped', 'SKIP: no such device']])
})
