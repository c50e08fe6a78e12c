import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import test from 'ava'
import { planRun } from '../plan.ts'
import { stateFile } from '../providers/snapshot.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { labWith } from '../testing/test-run.ts'
import { openTestSession, threeSteps } from '../testing/test-session.ts'
import { goOnFrom, readSavedLab, saveLab, unpackSavedLab } from './saved-lab.ts'
import { openSession } from './session.ts'

const answer = (_: string, command: string) => (command.endsWith('serve') ? { stdout: '77\n', stays: true } : undefined)

/** The machines of a lab, saved after the first of its steps. */
async function savedLab(lab = threeSteps) {
  const { session } = await openTestSession(lab, { answer })
  await session.saved()
  const { context } = session
  const [step] = context.variant.steps
  if (step === undefined) throw new Error('the lab has no step')
  context.verdicts.set('a case', 'failed')
  context.kept.set('word', 'one')
  const folder = join(writeFolder({}), 'machines')
  const save = () => saveLab(folder, lab.name, 'tcg', { context, step, caseName: 'a case', node: 'a' })
  const plan = planRun(lab.name, context.variant)
  const unpack = () => unpackSavedLab(folder, readSavedLab(folder), plan, join(writeFolder({}), 'opened'))
  return { session, folder, save, plan, unpack }
}

test('machines that a run saved come back in a session that goes on where they were', async (t) => {
  const { session, folder, save, unpack } = await savedLab()
  const { bytes, lost } = await save()
  t.true(bytes > 0)
  t.deepEqual(lost, [])
  for (const name of readdirSync(folder)) t.is(statSync(join(folder, name)).mode & 0o777, 0o600)
  t.deepEqual(readdirSync(folder).toSorted(), ['a.state.zst', 'b.state.zst', 'saved.json'])
  const snapshot = await unpack()
  t.regex(readFileSync(stateFile(snapshot.folder, 'a'), 'utf8'), /^as it was/)
  const opened = await openSession({ ...session.context }, goOnFrom(readSavedLab(folder)))
  t.like(opened.progress(), { done: 1, last: 'first' })
  t.is(opened.context.verdicts.get('a case'), 'failed')
  t.deepEqual((await opened.inspect()).kept, { word: 'one' })
  await opened.end()
})

test('what runs in the machines and does not come back is told', async (t) => {
  const { session, save } = await savedLab(labWith('  - { name: serve, on: a, start: { id: server, run: serve } }'))
  await session.doSteps({})
  t.regex((await save()).lost.join(), /^process server runs/)
  await session.end()
})

test('machines that can not be saved leave nothing', async (t) => {
  const { session, folder, save } = await savedLab()
  await session.happen('machine a crashed')
  await t.throwsAsync(save(), { message: /a does not run/ })
  t.false(existsSync(folder))
  await session.end()
})

test('where the disk of the results is full it is said which, and what to do', async (t) => {
  const { session, save } = await savedLab()
  const full = t.throws(() => writeFileSync('/dev/full', 'x'))
  Object.assign(session.context.testbed, { takeSnapshot: () => Promise.reject(full) })
  const error = await t.throwsAsync(save(), { message: /^cannot save the machines: no space is left in / })
  t.like(error, { remedy: 'Free some of it, or name a folder elsewhere with --results.' })
  await session.end()
})

test('a foreign folder is refused that leads elsewhere, is damaged, or is of another lab', async (t) => {
  const { folder, save, unpack, plan } = await savedLab()
  await save()
  const [state, facts] = [join(folder, 'a.state.zst'), join(folder, 'saved.json')]
  const text = readFileSync(facts, 'utf8')
  const secret = join(writeFolder({ secret: zstdCompressSync(Buffer.from('secret')) }), 'secret')
  const refused = (message: RegExp) => t.throwsAsync(async () => unpack(), { message })

  const [other] = plan.machines
  const changed = { ...plan, machines: other === undefined ? [] : [other] }
  await t.throwsAsync(unpackSavedLab(folder, readSavedLab(folder), changed, join(writeFolder({}), 'x')), {
    message: /other machines, cables or steps/,
  })
  rmSync(state)
  symlinkSync(secret, state)
  await refused(/not a regular file/)
  rmSync(state)
  writeFileSync(state, 'no such stream')
  await refused(/cannot unpack the machine a/)
  writeFileSync(state, zstdCompressSync(Buffer.alloc(520 * 1024 ** 2)))
  await refused(/it is longer than its memory/)
  writeFileSync(facts, text.replace('"done":1', '"done":"1"'))
  await refused(/cannot read the machines saved in .*done/s)
  rmSync(facts)
  symlinkSync(secret, facts)
  await refused(/not a regular file/)
})
