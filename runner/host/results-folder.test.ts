import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import test from 'ava'
import { consoleFile, makeResultsFolder } from './results-folder.ts'

const place = mkdtempSync(join(tmpdir(), 'wirelab-results-'))
test.after.always(() => rmSync(place, { recursive: true, force: true }))

test('without a name, a folder is named by time and id, and latest points at the newest', (t) => {
  for (const time of ['2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z']) {
    const folder = makeResultsFolder(undefined, new Date(time), join(place, 'results'))
    folder.close()
    t.regex(basename(folder.path), /^20260102-03040[56]-[0-9a-f]{4}$/)
    t.is(readlinkSync(join(place, 'results', 'latest')), basename(folder.path))
  }
})

test('events are on disk as soon as they are added', (t) => {
  const folder = makeResultsFolder(join(place, 'named'), new Date())
  folder.addEvent('{"a":1}\n')
  t.is(readFileSync(join(place, 'named', 'events.jsonl'), 'utf8'), '{"a":1}\n')
  folder.close()
})

test('a folder that holds something already is refused', (t) => {
  const full = mkdtempSync(join(place, 'full-'))
  writeFileSync(join(full, 'mine'), '')
  t.throws(() => makeResultsFolder(full, new Date()), { message: /cannot use results folder .*: it is not empty/ })
  t.throws(() => makeResultsFolder(join(full, 'mine'), new Date()), { message: /cannot use results folder/ })
})

test('a latest that is a folder is named, and no results folder is made beside it', (t) => {
  const base = join(place, 'with-folder')
  mkdirSync(join(base, 'latest'), { recursive: true })
  t.throws(() => makeResultsFolder(undefined, new Date(), base), {
    message: /^cannot use results folder .*: .*latest is in the way, which must be a link or absent$/,
  })
  t.deepEqual(readdirSync(base), ['latest'])
})

test('where no folder can be made it is said at once', (t) => {
  t.throws(() => makeResultsFolder('/proc/x', new Date()), { message: /^cannot use results folder \/proc\/x: ENOENT/ })
})

test('the console of a machine that starts anew is not that of another machine', (t) => {
  t.deepEqual([consoleFile('b', 1), consoleFile('b', 2)], ['b.console.log', 'b.2.console.log'])
  t.not(consoleFile('b', 2), consoleFile('b-2', 1))
})
