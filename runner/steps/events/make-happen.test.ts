import test from 'ava'
import { makeProcessorLock } from '../../host/processor-lock.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import type { StepContext } from '../step-context.ts'
import { makeHappen } from './make-happen.ts'

const endpoint = { node: 'a', nic: 'eth1' }
const all = [
  { kind: 'link', endpoint, state: 'down', direction: 'both' },
  { kind: 'machine', node: 'a', state: 'frozen' },
  { kind: 'machine', node: 'a', state: 'running' },
  { kind: 'nic', endpoint, state: 'unplugged' },
] as const satisfies readonly LabEvent[]

for (const event of all)
  test(`an abort does not wait for what never ends: ${event.kind} ${event.state}`, async (t) => {
    const abort = new AbortController()
    const never = () => new Promise<void>(() => {})
    const context = {
      signal: abort.signal,
      processors: makeProcessorLock(),
      impairments: { again: never },
      testbed: { absence: () => undefined, setLink: never, setMachine: never, setNic: never },
      emit: () => t.fail(),
    } as unknown as StepContext
    const happening = makeHappen(event, 0, context)
    setTimeout(() => abort.abort(new Error('interrupted')), 10)
    await t.throwsAsync(happening, { message: 'interrupted' })
  })
