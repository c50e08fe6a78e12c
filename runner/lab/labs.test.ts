import { readFileSync } from 'node:fs'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { listLabs } from './find-lab.ts'
import { loadLab } from './load-lab.ts'
import { renderDiagnostics } from './text/diagnostics.ts'

const labs = listLabs(new URL('../../labs', import.meta.url).pathname)

for (const { name, file } of labs) {
  test(`${name} loads, names the schema and has at least three mutations`, (t) => {
    const { lab, diagnostics } = loadLab(file, assertions)
    t.is(renderDiagnostics(diagnostics ?? []), '')
    t.true((lab?.mutations.length ?? 0) >= 3)
    t.true(readFileSync(file, 'utf8').startsWith('# yaml-language-server: $schema=../lab.schema.json\n'))
  })
}

test('the labs are there', (t) => {
  for (const name of ['bridge-veth', 'macvlan-modes']) t.true(labs.some((lab) => lab.name === name))
})
