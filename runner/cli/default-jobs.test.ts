import test from 'ava'
import { defaultJobs } from './default-jobs.ts'

const plenty = 64 * 1024

test('as many scopes run at once as there are processors, twice as many under KVM', (t) => {
  t.is(defaultJobs({ processors: 2, freeMiB: plenty, accelerator: 'tcg' }), 2)
  t.is(defaultJobs({ processors: 2, freeMiB: plenty, accelerator: 'kvm' }), 4)
  t.is(defaultJobs({ processors: 1, freeMiB: plenty, accelerator: 'tcg' }), 1)
})

test('no more run at once than there is memory for, nor more than eight, and one always does', (t) => {
  t.is(defaultJobs({ processors: 8, freeMiB: 1500, accelerator: 'kvm' }), 2)
  t.is(defaultJobs({ processors: 2, freeMiB: 100, accelerator: 'tcg' }), 1)
  t.is(defaultJobs({ processors: 64, freeMiB: Number.POSITIVE_INFINITY, accelerator: 'tcg' }), 8)
})
