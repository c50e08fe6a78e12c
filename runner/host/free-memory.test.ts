import test from 'ava'
import { freeMemoryIn, freeMemoryMiB } from './free-memory.ts'

const meminfo = 'MemTotal:       24684084 kB\nMemFree:        16992340 kB\nMemAvailable:   19397480 kB\n'
const of = (files: Record<string, string>) => freeMemoryIn((path) => files[path])

test('without limits it is what the kernel calls available', (t) => {
  t.is(of({ '/proc/meminfo': meminfo }), 18_942)
  t.is(of({ '/proc/meminfo': meminfo, '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' }), 18_942)
  t.true(freeMemoryMiB() > 0)
})

test('a limit of cgroup v2 counts, that of an outer group too, and cache that is not in use is free', (t) => {
  const files = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    '/sys/fs/cgroup/user.slice/session-1.scope/memory.max': 'max\n',
    '/sys/fs/cgroup/user.slice/session-1.scope/memory.current': '1048576\n',
    '/sys/fs/cgroup/user.slice/memory.max': '1073741824\n',
    '/sys/fs/cgroup/user.slice/memory.current': '536870912\n',
    '/sys/fs/cgroup/user.slice/memory.stat': 'anon 1\ninactive_file 104857600\nactive_file 5\n',
  }
  t.is(of(files), 612)
})

test('a limit of cgroup v1 counts, in a container that does not see its own path too', (t) => {
  const files = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '8:pids:/\n4:memory:/docker/4c49\n0::/\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '536870912\n',
    '/sys/fs/cgroup/memory/memory.usage_in_bytes': '431013888\n',
    '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 1048576\n',
  }
  t.is(of(files), 101)
  t.is(of({ ...files, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' }), 18_942)
})

test('where nothing is known nothing is refused', (t) => {
  t.is(of({}), Number.POSITIVE_INFINITY)
})
