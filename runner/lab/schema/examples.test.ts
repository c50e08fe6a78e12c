import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { Reference } from '../../../assertions/assertion.ts'
import { assertions } from '../../../assertions/index.ts'
import { planRun } from '../../plan.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { declaredCases } from '../case-names.ts'
import type { Step } from '../lab.ts'
import { loadLab } from '../load-lab.ts'
import { renderDiagnostics } from '../text/diagnostics.ts'
import { examplesFolder, renderReference } from './render-reference.ts'
import { renderLabSchema } from './render-schema.ts'

const reference = renderReference(renderLabSchema(assertions))

for (const [name, { parameters, example, references }] of Object.entries(assertions)) {
  test(`the example of ${name} in the reference loads as part of a lab`, (t) => {
    const wanted = parameters.parse(example)
    const step = `{ name: claimed, expect: [ ${exampleUnder(`### ${name}`).replace(/^- /, '')} ] }`
    const [expectation, ...more] = load(step, surroundingsOf(references(wanted))).expectations
    t.is(expectation?.assertion, name)
    t.deepEqual(expectation?.parameters, wanted)
    t.deepEqual(more, [])
  })
}

test('the example of an outage in the reference loads as part of a lab', (t) => {
  const example = exampleUnder('An example of outage:').replaceAll('\n', '\n    ')
  const nodes = { client: {}, server: { address: '10.0.0.2' } }
  const links = [{ endpoints: ['client:eth1', 'server:eth1'] }]
  const step = load(`name: measured\n    ${example}`, { nodes, links, steps: [] })
  t.deepEqual(
    declaredCases(step).map(({ wanted }) => wanted),
    [
      'server:eth1 has operstate "DOWN"',
      'the longest gap is at least 150 ms and at most 1 s',
      'the stream recovers',
      'at most 100 datagrams are lost',
    ],
  )
})

for (const name of readdirSync(examplesFolder).filter((file) => file.endsWith('.yaml'))) {
  test(`the lab ${name} in the reference has no mistakes, and a plan`, (t) => {
    const { lab, diagnostics } = loadLab(join(examplesFolder, name), assertions)
    t.truthy(lab, renderDiagnostics(diagnostics ?? []))
    for (const variant of lab?.variants ?? []) t.true(planRun(name, variant).machines.length > 0)
    t.true(reference.includes(`\n## Example: ${lab?.title}\n`))
  })
}
test('the example of kept values in the reference loads as a lab', (t) => {
  const steps = reference.split('```yaml\n')[1]?.split('```')[0] ?? ''
  const text = `title: An example\nsummary: For a test.\nnodes: { server: {}, client: {} }\n${steps}`
  const { lab, diagnostics = [] } = loadLab(writeFolder({ 'lab.yaml': text }), assertions)
  t.is(renderDiagnostics(diagnostics), '')
  t.is(lab?.variants[0]?.steps.length, 3)
})

/** The YAML behind a line of the reference. */
function exampleUnder(line: string): string {
  const [, rest = ''] = reference.split(`\n${line}\n`)
  return /```yaml\n(.*?)\n```/s.exec(rest)?.[1] ?? ''
}

interface Surroundings {
  readonly nodes: object
  readonly links: readonly object[]
  readonly steps: readonly object[]
}

/** A lab's nodes, and the captures and processes of a first step, for an assertion that names them. */
function surroundingsOf(references: readonly Reference[]): Surroundings {
  const namesOf = (...kinds: readonly Reference['kind'][]) =>
    new Set(references.flatMap(({ kind, name }) => (kinds.includes(kind) ? [name] : [])))
  const nodes = [...namesOf('node', 'address-of')].map((name, at) => [name, { address: `10.1.0.${at + 1}` }])
  const captures = [...namesOf('capture')].map((name) => [name, { nic: 'machine:eth0' }])
  const starts = [...namesOf('process')].map((id) => ({ name: `start ${id}`, on: 'machine', start: { id, run: 'x' } }))
  const first = { name: 'first', on: 'machine', run: 'x', capture: Object.fromEntries(captures) }
  return { nodes: { machine: {}, ...Object.fromEntries(nodes) }, links: [], steps: [first, ...starts] }
}

/** The last step of a lab; JSON is YAML too. Throws with the lab's mistakes. */
function load(step: string, { nodes, links, steps }: Surroundings): Step {
  const head = `title: An example\nsummary: For a test.\nnodes: ${JSON.stringify(nodes)}\nlinks: ${JSON.stringify(links)}\n`
  const items = [...steps.map((each) => JSON.stringify(each)), step].map((item) => `  - ${item}\n`)
  const { lab, diagnostics } = loadLab(writeFolder({ 'lab.yaml': `${head}steps:\n${items.join('')}` }), assertions)
  const last = lab?.variants[0]?.steps.at(-1)
  if (last === undefined) throw new Error(renderDiagnostics(diagnostics ?? []))
  return last
}
