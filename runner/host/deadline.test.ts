import test from 'ava'
import { within } from './deadline.ts'

test('what is not there in time is an error that says how long it was waited for', async (t) => {
  const error = await t.throwsAsync(within(new Promise(() => {}), 20, 'cannot wait'))
  t.like(error, { message: 'cannot wait: not within 0.02 s', code: 'timed-out' })
  t.is(await within(Promise.resolve(1), 1000, 'cannot wait'), 1)
})

test('who is aborted before it waits leaves nothing that fails later', async (t) => {
  const { promise, reject } = Promise.withResolvers<never>()
  const aborted = AbortSignal.abort(new Error('enough'))
  await t.throwsAsync(within(promise, 1000, 'cannot wait', aborted), { message: 'enough' })
  // AVA fails a file that leaves a rejection unhandled.
  reject(new Error('too late'))
})
