import test from 'ava'
import { addMemory, parseSmaps } from './smaps.ts'

// Recorded from a machine under TCG; of most mappings only the fields that count.
const recorded = `55d0a1a00000-55d0a1f97000 r-xp 00326000 fe:00 131190                     /usr/bin/qemu-system-x86_64
Size:               5724 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:                5404 kB
Pss:                2682 kB
Pss_Dirty:             0 kB
Shared_Clean:       5400 kB
SwapPss:               0 kB
VmFlags: rd ex mr mw me sd 
55d0a4e2c000-55d0a5efb000 rw-p 00000000 00:00 0                          [heap]
Size:              17212 kB
Pss:                4924 kB
7f20c0000000-7f20c3fff000 rwxp 00000000 00:00 0 
Size:              65532 kB
Pss:               45056 kB
7f20c8000000-7f20e0000000 rw-p 00000000 00:01 2061                       /memfd:wirelab (deleted)
Size:             393216 kB
Pss:               34940 kB
7f20e4000000-7f20e4679000 rw-p 00000000 00:00 0 
Size:               6628 kB
Pss:                6500 kB
7f20f0000000-7f20f0148000 r--p 00000000 fe:00 133011                     /lib/x86_64-linux-gnu/libcapstone.so.4
Size:               1312 kB
Pss:                1312 kB
7f20f1000000-7f20f1001000 rw-s 00000000 00:0e 4                          anon_inode:[io_uring]
Size:                  4 kB
Pss:                   4 kB
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
Size:                132 kB
Pss:                  12 kB
`

const MB = (kibibytes: number) => (kibibytes * 1024) / 1e6

test('what a QEMU maps is told by part', (t) => {
  t.deepEqual(parseSmaps(recorded), {
    'guest memory': MB(34_940),
    translations: MB(45_056),
    heap: MB(4924),
    anonymous: MB(6500) + MB(12),
    libraries: MB(2682) + MB(1312),
    other: MB(4),
  })
})

test('no mapping is no memory', (t) => {
  t.deepEqual(
    Object.values(parseSmaps('')).filter((value) => value !== 0),
    [],
  )
})

test('the memory of several processes is added part by part', (t) => {
  const one = parseSmaps(recorded)
  t.is(addMemory([one, one]).translations, 2 * one.translations)
})
