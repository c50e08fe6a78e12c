import { noLock } from '../host/processor-lock.ts'
import { roomOf } from '../host/room.ts'
import type { Lab } from '../lab/lab.ts'
import { planRun } from '../plan.ts'
import { type FakeScript, fakeProvider } from '../providers/fake/fake-provider.ts'
import type { ScopeEvent } from '../steps/scope-context.ts'
import { openSession } from '../workshop/session.ts'
import { writeFolder } from './test-labs.ts'
import { labWith } from './test-run.ts'

// What the tests of sessions share: a lab in somebody's hands, in machines that are a script.

/** Two steps that do something, and after each one that claims something. */
export const threeSteps = labWith(`  - { name: first, id: one, on: a, run: make it }
  - name: it is there
    expect: [{ ping: { from: a, to: b, is: reachable } }]
  - { name: second, on: b, run: break it }
  - name: it is gone
    expect: [{ ping: { from: a, to: b, is: unreachable } }]`)

/** A session of a lab, nothing of which is done yet. */
export async function openTestSession(lab: Lab, script: FakeScript) {
  const [variant] = lab.variants
  if (variant === undefined) throw new Error('the lab has no variant')
  const provider = fakeProvider(script)
  const folder = writeFolder({})
  const signal = new AbortController().signal
  const testbed = await provider.bringUp(planRun(lab.name, variant), {
    ...{ logs: folder, signal, onReady() {}, onDeath() {} },
  })
  const events: ScopeEvent[] = []
  const scope = { variant, testbed, folder, folderInResults: 'x', room: roomOf(), processors: noLock }
  const session = await openSession({ ...scope, mutations: lab.mutations })
  const commands = () => provider.calls.filter((call) => /\$ .*it$/.test(call))
  return { session, provider, commands, events, asker: { listener: (event: ScopeEvent) => void events.push(event) } }
}
