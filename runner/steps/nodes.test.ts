import test from 'ava'
import type { CommandResult, Machine } from '../providers/provider.ts'
import type { Argv } from '../transports/transport.ts'
import { nodesOf } from './nodes.ts'

const result: CommandResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false, durationMs: 1 } as CommandResult

/** What a machine is given when a node is to run a command. */
async function givenFor(node: string, argv: Argv): Promise<string> {
  let given: Argv | undefined
  const run: Machine['run'] = async (words) => {
    given = words
    return result
  }
  const machine = { name: 'm', run } as Partial<Machine> as Machine
  const nodes = [{ name: 'm' }, { name: 'inner', namespaceOf: 'm' }]
  const { signal } = new AbortController()
  await nodesOf({ nodes }, { machine: () => machine }, signal).run(node, argv, { timeoutMs: 1 })
  return given?.join(' ') ?? ''
}

test('a command enters the namespace of its node, one of iproute2 by itself', async (t) => {
  t.is(await givenFor('inner', ['ping', '-c', '1', 'x']), 'ip netns exec inner ping -c 1 x')
  t.is(await givenFor('inner', ['ip', '-j', 'link', 'show']), 'ip -netns inner -j link show')
  t.is(await givenFor('inner', ['bridge', '-j', 'fdb']), 'bridge -netns inner -j fdb')
  t.is(await givenFor('inner', ['tc', 'qdisc', 'show']), 'tc -netns inner qdisc show')
})

test('a command of a machine stays as it is', async (t) => {
  t.is(await givenFor('m', ['ip', '-j', 'link', 'show']), 'ip -j link show')
})

test('what is left to a shell enters the namespace with the shell', async (t) => {
  const shell = ['bash', '-c', 'ip link | wc -l'] as const
  t.is(await givenFor('inner', shell), `ip netns exec inner ${shell.join(' ')}`)
})
