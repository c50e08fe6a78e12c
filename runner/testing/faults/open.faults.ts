import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { writeFolder } from '../test-labs.ts'
import { makePrivateHost } from './cli-process.ts'
import { whatIsNew } from './host-snapshot.ts'

// Machines of a failed run on another host: one that has the image from a file, with keys of its own, and makes its
// template of it anew.

const lab = writeFolder({
  'lab.yaml': `title: A mark
summary: It lies in memory alone.
nodes: { m: {} }
steps:
  - { name: leave a mark, on: m, run: echo here > /run/mark }
  - name: it fails
    expect: [{ output: { on: m, command: cat /run/mark, equals: there } }]
`,
})

const host = makePrivateHost()
afterEach(() => host.run(['down']))
after(() => host.remove())

test('what was saved is brought back with an image that was loaded and another template, or what differs is named', async () => {
  const [results, copied, file] = ['results', 'copied', 'saved.img'].map((name) => join(host.folder, name))
  const says = async (words: readonly string[], exitCode: number, wanted: RegExp, cache?: string) => {
    const before = cache === undefined ? [] : ['env', `XDG_CACHE_HOME=${join(host.folder, cache)}`]
    const ended = await host.run(words, before)
    assert.equal(ended.exitCode, exitCode, `${words.join(' ')}: ${ended.output}`)
    assert.match(ended.output, wanted, words.join(' '))
  }
  await says(['run', lab, '--save-on-failure', '--results', `${results}`], 1, /are saved as they were when it failed/)
  cpSync(`${results}`, `${copied}`, { recursive: true })
  await says(['image', 'save', `${file}`], 0, /./)
  await says(['image', 'load', `${file}`], 0, /^Loaded /m, 'other')
  const before = host.look()
  await says(['open', `${copied}`, '--lab', lab], 0, /m.* up after .*\n(.*\n)*as it was when this failed: /, 'other')
  await says(['exec', 'm', 'cat', '/run/mark'], 0, /^here\n$/)
  await says(['down'], 0, /ended m/)

  const files = readdirSync(`${copied}`, { recursive: true }).map(String)
  const facts = join(`${copied}`, files.find((name) => name.endsWith('saved.json')) ?? '')
  const text = readFileSync(facts, 'utf8')
  for (const [what, named] of [
    ['image', 'image is debian-0 1 2, and here debian-'],
    ['QEMU', 'QEMU is 1.0, and here '],
  ] as const) {
    const other = named.slice(what.length + 4, named.indexOf(','))
    writeFileSync(facts, text.replace(new RegExp(`"${what}":"[^"]*"`), `"${what}":"${other}"`))
    await says(['open', `${copied}`, '--lab', lab], 3, new RegExp(`cannot bring a machine back: its ${named}`), 'other')
  }
  await host.nothingRuns()
  await host.run(['down'])
  assert.deepEqual(whatIsNew(before, host.look()), [])
})
