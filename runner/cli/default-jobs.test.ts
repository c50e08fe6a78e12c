import test from 'ava'
import { defaultJobs } from './default-jobs.ts'

const plenty = { freeMiB: 64 * 1024, kind: 'run' } as const

test('two scopes a processor run at once; emulated, three for two of those that measure time', (t) => {
  t.deepEqual(defaultJobs({ processors: 2, ...plenty, accelerator: 'tcg' }), { jobs: 4, jobsInRealTime: 3 })
  t.deepEqual(defaultJobs({ processors: 2, ...plenty, accelerator: 'kvm' }), { jobs: 4, jobsInRealTime: 4 })
  t.deepEqual(defaultJobs({ processors: 1, ...plenty, accelerator: 'tcg' }), { jobs: 2, jobsInRealTime: 2 })
})

test('of mutations that measure no time three a processor run at once', (t) => {
  const mutate = { ...plenty, kind: 'mutate' } as const
  t.deepEqual(defaultJobs({ ...mutate, processors: 2, accelerator: 'tcg' }), { jobs: 6, jobsInRealTime: 3 })
  t.deepEqual(defaultJobs({ ...mutate, processors: 2, accelerator: 'kvm' }), { jobs: 6, jobsInRealTime: 4 })
  t.deepEqual(defaultJobs({ ...mutate, processors: 4, accelerator: 'tcg' }), { jobs: 8, jobsInRealTime: 6 })
})

test('no more run at once than there is memory for, nor more than eight, and one always does', (t) => {
  t.deepEqual(defaultJobs({ ...plenty, processors: 8, freeMiB: 1500, accelerator: 'kvm' }), {
    jobs: 2,
    jobsInRealTime: 2,
  })
  t.deepEqual(defaultJobs({ ...plenty, processors: 2, freeMiB: 100, accelerator: 'tcg' }), {
    jobs: 1,
    jobsInRealTime: 1,
  })
  const many = { ...plenty, processors: 64, freeMiB: Number.POSITIVE_INFINITY, accelerator: 'tcg' } as const
  t.deepEqual(defaultJobs(many), { jobs: 8, jobsInRealTime: 8 })
})
