import test from 'ava'
import { defaultJobs } from './default-jobs.ts'

const plenty = 64 * 1024

test('two scopes a processor run at once; emulated, three for two of those that measure time', (t) => {
  t.deepEqual(defaultJobs({ processors: 2, freeMiB: plenty, accelerator: 'tcg' }), { jobs: 4, jobsInRealTime: 3 })
  t.deepEqual(defaultJobs({ processors: 2, freeMiB: plenty, accelerator: 'kvm' }), { jobs: 4, jobsInRealTime: 4 })
  t.deepEqual(defaultJobs({ processors: 1, freeMiB: plenty, accelerator: 'tcg' }), { jobs: 2, jobsInRealTime: 2 })
})

test('no more run at once than there is memory for, nor more than eight, and one always does', (t) => {
  t.deepEqual(defaultJobs({ processors: 8, freeMiB: 1500, accelerator: 'kvm' }), { jobs: 2, jobsInRealTime: 2 })
  t.deepEqual(defaultJobs({ processors: 2, freeMiB: 100, accelerator: 'tcg' }), { jobs: 1, jobsInRealTime: 1 })
  const many = { processors: 64, freeMiB: Number.POSITIVE_INFINITY, accelerator: 'tcg' } as const
  t.deepEqual(defaultJobs(many), { jobs: 8, jobsInRealTime: 8 })
})
