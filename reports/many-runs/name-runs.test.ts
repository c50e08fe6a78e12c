import test from 'ava'
import { nameRuns } from './name-runs.ts'

const [twelve, thirteen] = ['debian-12 0a1b', 'debian-13 2c3d']
const run = (folder: string, made: Readonly<Record<string, string>> = {}) => ({
  ...{ folder, made: { provider: 'qemu', image: twelve, kernel: '6.1', started: '2026-01-01T02:17:00.000Z', ...made } },
})

test('runs are named after the one thing that tells them apart', (t) => {
  t.deepEqual(nameRuns([run('a'), run('b', { provider: 'vagrant', host: 'other' })]), ['qemu', 'vagrant'])
  t.deepEqual(nameRuns([run('a'), run('b', { image: thirteen, kernel: '6.12' })]), ['debian-12', 'debian-13'])
  t.deepEqual(nameRuns([run('a'), run('b', { image: 'debian-12 ffff' })]), ['debian-12 0a1b', 'debian-12 ffff'])
  t.deepEqual(nameRuns([run('a'), run('b', { started: '2026-01-02T02:17:00.000Z' })]), ['2026-01-01', '2026-01-02'])
})

test('where one thing does not do, all that it takes is named', (t) => {
  const runs = [twelve, thirteen].flatMap((image) =>
    ['qemu', 'vagrant'].map((provider) => run('r', { image, provider })),
  )
  t.deepEqual(nameRuns(runs), ['qemu, debian-12', 'vagrant, debian-12', 'qemu, debian-13', 'vagrant, debian-13'])
})

test('runs that were made with the same are named by their folders, as short as that goes', (t) => {
  t.deepEqual(nameRuns([run('results/one'), run('results/two/')]), ['one', 'two'])
  t.deepEqual(nameRuns([run('a/r'), run('b/r')]), ['a/r', 'b/r'])
  t.deepEqual(nameRuns([run('one'), run('two'), run('far', { provider: 'vagrant' })]), [
    'qemu, one',
    'qemu, two',
    'vagrant, far',
  ])
  t.deepEqual(nameRuns([run('r'), run('r')]), ['qemu', 'qemu'])
  t.deepEqual(nameRuns([{ made: {} }, { made: {} }]), ['a run', 'a run'])
})
