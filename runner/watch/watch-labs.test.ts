import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { usageError } from '../errors.ts'
import { loadLab } from '../lab/load-lab.ts'
import { renderDiagnostics } from '../lab/text/diagnostics.ts'
import { type FakeScript, fakeProvider } from '../providers/fake/fake-provider.ts'
import { runScopes } from '../run.ts'
import { scopesToRun } from '../scopes.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { watchLabs } from './watch-labs.ts'

const head = 'title: t\nsummary: s\nnodes: { a: {} }\nsteps:\n'
const step = (name: string, run: string) => `  - { name: ${name}, on: a, run: ${run} }\n`

/** Watches a lab of one step. Each time that it waits the next save is done; after the last comes Ctrl-C. */
async function watchThrough(saves: readonly ((file: string) => void)[], script: FakeScript = {}) {
  const folder = writeFolder({ 'lab.yaml': head + step('one', 'first') })
  const file = join(folder, 'lab.yaml')
  const [provider, interruption] = [fakeProvider(script), new AbortController()]
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  const left = [...saves]
  let said = ''
  const note = (chunk: unknown) => {
    said += String(chunk)
    if (!String(chunk).includes('Waiting')) return
    const save = left.shift()
    if (save === undefined) interruption.abort(new Error('Ctrl-C'))
    else save(file)
  }
  for (const stream of Object.values(streams)) stream.on('data', note)
  const files = () => [file, ...(loadLab(file, assertions).diagnostics ?? []).map((one) => one.file)]
  const scopes = () => {
    const { lab, diagnostics } = loadLab(file, assertions)
    if (lab === undefined) throw usageError(renderDiagnostics(diagnostics))
    return scopesToRun([{ lab }], 1)
  }
  const exitCode = await watchLabs(
    {
      ...{ files, scopes },
      run: (chosen, signal, held) =>
        runScopes(chosen, {
          ...{ provider, results: writeFolder({}), jobs: 1, retries: 0, keep: false, signal },
          ...(held === undefined ? {} : { held }),
          emit: () => {},
        }),
    },
    {
      ...streams,
      signal: interruption.signal,
      signalExitCode: () => 130,
    },
  )
  return {
    exitCode,
    said,
    calls: provider.calls,
    count: (word: string) => provider.calls.filter((call) => call.includes(word)).length,
  }
}

test('a step that is added is done where the others were, and Ctrl-C leaves nothing', async (t) => {
  const add = (file: string) => writeFileSync(file, head + step('one', 'first') + step('two', 'second'))
  const { exitCode, said, count } = await watchThrough([add])
  t.is(exitCode, 130)
  t.regex(said, /Going on in the same machines: step "two" is the first that changed\./)
  t.deepEqual([count('first'), count('second'), count('up a'), count('tear down')], [1, 1, 1, 1])
})

test('a step that changed is done from the start, and the lab file may have been renamed into its place', async (t) => {
  const change = (file: string) => {
    writeFileSync(`${file}~`, head + step('one', 'other'))
    renameSync(`${file}~`, file)
  }
  const { said, count } = await watchThrough([change])
  t.regex(said, /Again from the start: step "one" does something else, and was done\./)
  t.deepEqual([count('first'), count('other'), count('up a'), count('tear down')], [1, 1, 2, 2])
})

test('a lab file with a mistake is told of, and its machines wait for the next', async (t) => {
  const { said, count } = await watchThrough([
    (file) => writeFileSync(file, `${head}  - { nam: one }\n`),
    (file) => writeFileSync(file, head + step('one', 'first') + step('two', 'second')),
  ])
  t.regex(said, /lab\.yaml:5:7: cannot use key "nam"/)
  t.regex(said, /Going on in the same machines/)
  t.is(count('up a'), 1)
})

test('a mistake in a file that is included for the first time is mended there', async (t) => {
  const included = (file: string, text: string) => writeFileSync(join(file, '../two.yaml'), text)
  const { said, count } = await watchThrough([
    (file) => {
      included(file, '- { nam: two }\n')
      writeFileSync(file, `${head}${step('one', 'first')}  - { include: two.yaml }\n`)
    },
    (file) => included(file, step('two', 'second').trimStart()),
  ])
  t.regex(said, /two\.yaml:1:5: cannot use key "nam"/)
  t.deepEqual([count('first'), count('second'), count('up a')], [1, 1, 1])
})

test('what is saved while a run goes on ends it, and begins the next at once', async (t) => {
  let isFirst = true
  const folder: { file?: string } = {}
  const answer: FakeScript['answer'] = (_, command) => {
    if (!command.includes('second') || !isFirst) return undefined
    isFirst = false
    writeFileSync(folder.file ?? '', head + step('one', 'third'))
    return { stays: true }
  }
  const save = (file: string) => {
    folder.file = file
    writeFileSync(file, head + step('one', 'second'))
  }
  const { said, count } = await watchThrough([save], { answer })
  t.regex(said, /Ended the run: a file was saved\./)
  t.deepEqual([count('second'), count('third'), count('up a'), count('tear down')], [1, 1, 3, 3])
})

test('a file that is saved as it was, or in which nothing is run that was not, begins nothing', async (t) => {
  const { said, count } = await watchThrough([(file) => writeFileSync(file, `# New.\n${head}${step('one', 'first')}`)])
  t.regex(said, /Nothing has changed that is run\./)
  t.is(count('first'), 1)
})
