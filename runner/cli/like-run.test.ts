import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { loadLab } from '../lab/load-lab.ts'
import { scopesToRun } from '../scopes.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { labWith } from '../testing/test-run.ts'
import {
  contentOfImages,
  differencesNow,
  labsOf,
  labsToRecord,
  optionsLike,
  optionsToRecord,
  readRecordedRun,
  scopesOf,
} from './like-run.ts'

const surroundings = {
  ...{ wirelab: '0', provider: 'fake', accelerator: 'tcg', qemu: '7', image: 'i', kernel: 'k', host: 'h', node: '24' },
}
const content = { packages: { bash: '5' }, built: { root: { bytes: 1, sha256: 'aa' } } }
const made = { surroundings, ...content, moreImages: { frr: content } }

/** A run of one lab, twice, and what its manifest says. */
function recordedRun(change: object = {}) {
  const scopes = scopesToRun([{ lab: labWith('  - { name: s, on: a, run: x }') }], 2)
  const options = optionsToRecord({ repeat: '2', all: true, results: 'r', json: true, x: false }, 7)
  const path = join(writeFolder({}), 'manifest.json')
  const text = JSON.stringify({ run: 'r', kind: 'run', ...made, options, labs: labsToRecord(scopes), ...change })
  writeFileSync(path, text)
  return { scopes, path }
}

test('a manifest has the options and the seed of its run, and not which labs were chosen, or how it was shown', (t) => {
  t.deepEqual(readRecordedRun(recordedRun().path).options, { repeat: '2', seed: '7' })
})

test('of the same, nothing differs', (t) => {
  const { scopes, path } = recordedRun()
  const run = readRecordedRun(path)
  t.deepEqual(scopesOf(run, scopes), scopes)
  t.deepEqual(differencesNow(run, scopes, made), [])
})

test('options of the command line go before those of the manifest, and what was emulated is', (t) => {
  const run = readRecordedRun(recordedRun().path)
  t.deepEqual(optionsLike(run, { repeat: undefined, x: false, accel: undefined, jobs: '3' }), {
    ...{ repeat: '2', x: false, accel: 'tcg', jobs: '3', seed: '7' },
  })
  t.like(optionsLike(run, { repeat: '5', accel: 'kvm' }), { repeat: '5', accel: 'kvm' })
})

test('a manifest does not say where results go, or which machines stay up', (t) => {
  const run = readRecordedRun(recordedRun({ options: { results: '/etc', keep: true, jobs: '2' } }).path)
  t.deepEqual(optionsLike(run, { results: undefined, keep: false }), {
    ...{ results: undefined, keep: false, jobs: '2', accel: 'tcg' },
  })
})

test('what differs is told: versions, packages, files of the image and of labs, and what is gone', (t) => {
  const { scopes, path } = recordedRun()
  const run = readRecordedRun(path)
  const now = { ...made, surroundings: { ...surroundings, qemu: '8' }, packages: { bash: '6' } }
  t.deepEqual(differencesNow(run, scopes.slice(0, 1), now), [
    `${scopes[1]?.name} is not there any more`,
    'qemu: 8, then 7',
    'package bash: 6, then 5',
  ])
  t.deepEqual(differencesNow(run, scopes, { ...made, built: { root: { bytes: 1, sha256: 'bb' } } }), [
    'the image has the same packages, and other files',
  ])
  writeFileSync(scopes[0]?.lab.file ?? '', '# changed')
  t.deepEqual(differencesNow(run, scopes, made), [`the files of lab ${scopes[0]?.lab.name} have changed`])
})

test('a file that a lab includes, or that comes to a folder that it copies, is a change of the lab', (t) => {
  const folder = writeFolder({
    'lab.yaml': 'title: t\nsummary: s\nnodes: { a: {} }\nsteps: [{ include: one.yaml }]\n',
    'one.yaml': '- { name: s, on: a, copy: { /x: conf } }\n',
    'conf/x': 'x',
  })
  const hash = () => {
    const { lab } = loadLab(folder, assertions)
    return labsToRecord(scopesToRun(lab === undefined ? [] : [{ lab }], 1))[0]?.sha256
  }
  const first = hash()
  writeFileSync(join(folder, 'one.yaml'), '# Other.\n- { name: s, on: a, copy: { /x: conf } }\n')
  const second = hash()
  writeFileSync(join(folder, 'conf/y'), 'y')
  t.is(new Set([first, second, hash()]).size, 3)
})

test('of several images each is compared, and an older manifest has one', (t) => {
  const { scopes, path } = recordedRun()
  const frr = { ...content, packages: { bash: '5', frr: '9' } }
  t.deepEqual(differencesNow(readRecordedRun(path), scopes, { ...made, moreImages: { frr } }), [
    'frr: package frr: 9, then none',
  ])
  const older = recordedRun({ moreImages: undefined })
  t.deepEqual(differencesNow(readRecordedRun(older.path), older.scopes, made), [])
})

test('a manifest holds each image once, also those of one name', (t) => {
  const image = (name: string, key: string, version: string) => ({
    ...{ name, key },
    manifest: { packages: { bash: version }, built: {} },
  })
  const [main, frr, other] = [image('debian-12', 'a', '5'), image('frr', 'b', '6'), image('frr', 'c', '7')]
  t.deepEqual(contentOfImages(main, [main, frr, other]), {
    ...main.manifest,
    moreImages: { frr: frr.manifest, 'frr c': other.manifest },
  })
})

test('a lab is found where it was, or else by its name', (t) => {
  const { scopes, path } = recordedRun()
  const { file = '', name = '' } = scopes[0]?.lab ?? {}
  t.deepEqual(labsOf(readRecordedRun(path)), [file])
  rmSync(file)
  t.deepEqual(labsOf(readRecordedRun(path)), [name])
})

test('what is no manifest, or an older one, is refused with what it lacks', (t) => {
  for (const [change, message] of [
    [{ labs: undefined }, /it does not say labs as/],
    [{ labs: [{ scope: 's', file: 'f' }] }, /it does not say labs\.0\.lab as/],
    [{ kind: 'x' }, /it does not say kind as/],
  ] as const)
    t.throws(() => readRecordedRun(recordedRun(change).path), { message })
  t.throws(() => readRecordedRun('/no/manifest.json'), {
    message: /^cannot do the same as \/no\/manifest\.json: ENOENT/,
  })
})
