import test from 'ava'
import { machineryError } from '../errors.ts'
import { runHostCommand } from '../host/host-command.ts'
import { isDiskFull } from './disk-space.ts'

test('a full disk is known by what failed, not by the words about it', async (t) => {
  const full = await t.throwsAsync(runHostCommand(['sh', '-c', 'echo "No space left on device" >&2; exit 1']))
  t.true(isDiskFull(full))
  t.true(isDiskFull(Object.assign(new Error('write'), { code: 'ENOSPC' })))
  t.true(isDiskFull(machineryError('cannot build', undefined, undefined, { code: 'disk-full', detail: {} })))
  t.false(isDiskFull(machineryError('cannot find the lab "No space left on device"')))
  t.false(isDiskFull(await t.throwsAsync(runHostCommand(['false']))))
})
