import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { renderDiagnostics } from '../lab/text/diagnostics.ts'
import { labFileName } from '../lab/text/read-lab-file.ts'
import { fixtures, golden, importFixture, withClaims } from './fixtures/fixtures.ts'
import { mistakesIn } from './import-lab.ts'

for (const fixture of fixtures) {
  test(`${fixture.name} becomes the lab that is kept, and what is not taken over is said`, (t) => {
    const { files, said } = importFixture(fixture)
    t.is(String(files.get(labFileName)), golden(fixture, 'lab.yaml', String(files.get(labFileName))))
    t.is(`${said}\n`, golden(fixture, 'said.txt', `${said}\n`))
  })

  test(`${fixture.name} is a lab without mistakes, also with claims added`, (t) => {
    t.is(renderDiagnostics(mistakesIn(withClaims(fixture), assertions)), '')
  })
}

test('at least eight topologies of each format can run', (t) => {
  const runnable = Map.groupBy(
    fixtures.filter(({ claims }) => claims !== undefined),
    ({ name }) => name.split('/')[0],
  )
  for (const format of ['containerlab', 'kathara']) t.true((runnable.get(format)?.length ?? 0) >= 8, format)
})
