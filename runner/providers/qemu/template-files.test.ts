import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { describeTemplate, faultOfTemplate, filesIn, nicsFolder, readTemplate } from './template-files.ts'

async function template(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-template-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const files = filesIn(folder)
  await writeFile(files.memory, 'memory of a machine')
  await writeFile(files.state, 'state')
  await writeFile(files.frozenAt, '1790000000000.25')
  await describeTemplate(folder, 0)
  t.is(await faultOfTemplate(folder, 0, 'quick'), undefined)
  return { folder, ...files }
}

test('a template that has not changed is whole, looked at quickly or wholly', async (t) => {
  const { folder } = await template(t)
  t.is(await faultOfTemplate(folder, 0, 'quick'), undefined)
  t.is(await faultOfTemplate(folder, 0, 'full'), undefined)
})

test('altered bytes are noticed by a quick look, with the old time of change too', async (t) => {
  const { folder, memory } = await template(t)
  await writeFile(memory, 'memory of a maXXXXX')
  await utimes(memory, 1, 1)
  t.deepEqual(await faultOfTemplate(folder, 0, 'quick'), { missing: false, problem: 'memory: its SHA-256 differs' })
})

test('a file that is missing, cut short or of another time is named', async (t) => {
  const { folder, memory, state, frozenAt } = await template(t)
  await truncate(memory, 3)
  t.deepEqual(await faultOfTemplate(folder, 0, 'quick'), {
    missing: false,
    problem: 'memory: it has 3 bytes instead of 19',
  })
  await writeFile(memory, 'memory of a machine')
  await writeFile(frozenAt, '1790000000000.26')
  t.deepEqual(await faultOfTemplate(folder, 0, 'quick'), { missing: false, problem: 'frozen-at: its SHA-256 differs' })
  await rm(state)
  t.deepEqual(await faultOfTemplate(folder, 0, 'quick'), { missing: false, problem: 'state: it is missing' })
})

test('a template without a list of all of its files is damaged, and one without a folder is missing', async (t) => {
  const { folder } = await template(t)
  for (const text of ['', '{}', 'null', '{"memory": {"bytes": 1, "sha256": ""}}']) {
    await writeFile(join(folder, 'files.json'), text)
    t.like(await faultOfTemplate(folder, 0, 'quick'), {
      missing: false,
      problem: 'the list of its files cannot be read',
    })
  }
  await rm(folder, { recursive: true })
  t.deepEqual(await faultOfTemplate(folder, 0, 'quick'), { missing: true })
})

test('what a template is with NICs has files of its own, and no memory', async (t) => {
  const { folder } = await template(t)
  t.deepEqual(await faultOfTemplate(folder, 2, 'quick'), { missing: true })
  const part = nicsFolder(folder, 2)
  await mkdir(part)
  await writeFile(filesIn(part).state, 'state with NICs')
  await writeFile(filesIn(part).frozenAt, '1790000000001.5')
  await describeTemplate(part, 2)
  t.is(await faultOfTemplate(folder, 2, 'full'), undefined)
  t.deepEqual(await readTemplate(folder, 2), {
    nics: 2,
    memoryFile: filesIn(folder).memory,
    memoryFrozenAtMs: 1790000000000.25,
    stateFile: filesIn(part).state,
    frozenAtMs: 1790000000001.5,
  })
  await writeFile(filesIn(part).state, 'state with none')
  t.deepEqual(await faultOfTemplate(folder, 2, 'quick'), { missing: false, problem: 'state: its SHA-256 differs' })
  t.is(await faultOfTemplate(folder, 0, 'full'), undefined)
})
