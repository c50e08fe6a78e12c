import test from 'ava'
import { drawFiles } from './fixtures/draw.ts'
import { fixtureEvents } from './fixtures/fixture.ts'
import { reporters, resultsFiles } from './index.ts'

test('no two files of a results folder have one name', (t) => {
  t.is(new Set(resultsFiles).size, resultsFiles.length)
})

for (const reporter of reporters) {
  test(`${reporter.file} is drawn of any run, with whatever is known of its folder or nothing`, async (t) => {
    for (const name of ['every-outcome', 'killed'])
      for (const facts of [{}, { resultsFiles, files: resultsFiles, audience: {} }])
        t.truthy((await drawFiles(reporter, fixtureEvents(name), facts)).get(reporter.file))
    t.truthy((await drawFiles(reporter, [])).get(reporter.file))
  })
}
