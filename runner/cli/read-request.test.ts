import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { readRequest } from './read-request.ts'
import { renderTimes } from './read-times.ts'

const message = (act: () => unknown) => {
  try {
    return act()
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

const refused = (...words: string[]) => `${message(() => readRequest('run', words))}`

test('each part of a run on an engine is called with the words of the whole', (t) => {
  const on = ['--on', 'slurm', '--parts', '4', '--results', 'r']
  const words = (...args: string[]) => readRequest('run', [...args, ...on])?.on?.words
  t.deepEqual(words('bridge-veth', 'ipmasq/off', '--repeat', '3', '--image', 'a', '--image', 'b', '--verbose'), [
    ...['run', '--repeat=3', '--image=a', '--image=b', '--verbose', 'bridge-veth', 'ipmasq/off'],
  ])
  t.deepEqual(words('--all', '--tag', 'bgp'), ['run', '--all', '--tag=bgp'])
})

test('a sample is drawn once for all parts', (t) => {
  const { auto, on } = readRequest('mutate', ['--all', '--auto', '--sample', '9', '--on', 'local']) ?? {}
  t.deepEqual(on?.words, ['mutate', '--all', '--auto', '--sample=9', '--seed', `${auto?.seed}`])
})

test('what parts that know nothing of each other cannot do is refused', (t) => {
  for (const option of ['--keep', '--last-failed', '-x', '--json', '--watch'])
    t.regex(refused('bridge-veth', '--on', 'slurm', option), /with --on: the parts know nothing of each other/)
  t.regex(refused('bridge-veth', '--on', 'slurm', '--part', '1/2'), /cannot use --part with --on/)
  t.regex(refused('bridge-veth', '--parts', '2'), /--parts here: it belongs to --on/)
  t.regex(refused('bridge-veth', '--times', 'x'), /--times here: it belongs to --part and --on/)
})

test('a run is cut by the times that it is given', (t) => {
  const folder = writeFolder({ 'times.json': renderTimes(new Map([['x/y', 7]])), 'other.json': '{"x": 1}' })
  const read = (name: string) => readRequest('run', ['bridge-veth', '--part', '1/2', '--times', join(folder, name)])
  t.deepEqual([...(read('times.json')?.times ?? [])], [['x/y', 7]])
  t.regex(`${message(() => read('other.json'))}`, /^cannot read times in .*other\.json: it is not a file of times/)
})
