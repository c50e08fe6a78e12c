import { statfsSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { machineryError } from '../errors.ts'
import { explainFullDisk, isDiskFull } from './full-disk.ts'
import { runHostCommand } from './host-command.ts'

test('a full disk is known by what failed, not by the words about it', async (t) => {
  const full = await t.throwsAsync(runHostCommand(['sh', '-c', 'echo "No space left on device" >&2; exit 1']))
  t.true(isDiskFull(full))
  t.true(isDiskFull(Object.assign(new Error('write'), { code: 'ENOSPC' })))
  t.true(isDiskFull(machineryError('cannot build', undefined, undefined, { code: 'disk-full', detail: {} })))
  t.false(isDiskFull(machineryError('cannot find the lab "No space left on device"')))
  t.false(isDiskFull(await t.throwsAsync(runHostCommand(['false']))))
})

test('of a full disk it is said which it is, whether it lies in memory, and what to do', (t) => {
  const full = t.throws(() => writeFileSync('/dev/full', 'x'))
  for (const folder of ['/dev/shm', import.meta.dirname]) {
    const where = statfsSync(folder).type === 0x01021994 ? `${folder}, which lies in memory (tmpfs)` : folder
    t.like(explainFullDisk('save it', folder, full, 'Free some.'), {
      ...{ kind: 'machinery', message: `cannot save it: no space is left in ${where}`, remedy: 'Free some.' },
    })
  }
  const other = new Error('it is a folder')
  t.is(explainFullDisk('save it', '/dev/shm', other, 'Free some.'), other)
})
