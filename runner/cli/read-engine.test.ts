import { join } from 'node:path'
import test from 'ava'
import { WirelabError } from '../errors.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { readEngine } from './read-engine.ts'

const refused = (text: string) => {
  try {
    return readEngine(text, undefined).name
  } catch (error) {
    return error instanceof WirelabError && error.kind === 'usage' ? `${error.message} ${error.remedy}` : error
  }
}

test('an engine is set by a file, and by the number of parts of the command line before it', (t) => {
  const file = join(writeFolder({ 's.yaml': 'partition: labs\nparts: 4\nextra: [--nice]\n' }), 's.yaml')
  const { name, settings, engine } = readEngine(`slurm:${file}`, undefined)
  t.like({ name, settings }, { name: 'slurm', settings: { partition: 'labs', parts: 4, tries: 3, extra: ['--nice'] } })
  t.is(engine.cut(100, 1), 4)
  t.is(readEngine(`slurm:${file}`, 7).engine.cut(100, 1), 7)
  t.is(readEngine(`slurm:${file}`, 7).engine.cut(5, 1), 5)
})

test('without a number parts of a cluster take about ten minutes, and are no more than the scopes', (t) => {
  const { engine } = readEngine('slurm', undefined)
  t.is(engine.cut(100, 3_600_000), 6)
  t.is(engine.cut(3, 3_600_000), 3)
  t.is(engine.cut(100, 0), 1)
  t.is(engine.cut(100_000, 1e12), 200)
})

test('each mistake in settings is told with its place, an unknown engine with the nearest', (t) => {
  const file = join(writeFolder({ 's.yaml': 'partitoin: labs\nparts: 0\n' }), 's.yaml')
  t.regex(`${refused(`slurm:${file}`)}`, /s\.yaml:1:1.*partitoin[\s\S]*s\.yaml:2:8/)
  t.regex(`${refused('slrum')}`, /there is no such engine did you mean "slurm"\?/)
  t.regex(`${refused('constructor')}`, /there is no such engine/)
  t.true(refused('slurm:/absent.yaml') instanceof Error)
})
