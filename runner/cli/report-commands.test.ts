import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { announceScope } from '../announce-scope.ts'
import { eventsVersion, type RunEvent } from '../events.ts'
import type { Lab } from '../lab/lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import { announce } from '../steps/actions/index.ts'

const main = join(import.meta.dirname, 'main.ts')
const labText = `title: A test
summary: Of a handout.
nodes: { a: {}, b: {} }
links: [{ endpoints: ["a:eth1", "b:eth1"] }]
steps:
  - { name: Up, on: a, run: ip link set eth1 up }
  - { name: Described, on: a, copy: { /etc/note: note }, run: cat /etc/note }
`

/** A folder with a lab, and how wirelab does in it. */
function withLab(use: (folder: string, lab: Lab, wirelab: (...args: string[]) => ReturnType<typeof run>) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-commands-'))
  try {
    mkdirSync(join(folder, 'small'))
    writeFileSync(join(folder, 'small/lab.yaml'), labText)
    writeFileSync(join(folder, 'small/note'), 'eth1 is up\n')
    const { lab } = loadLab(join(folder, 'small/lab.yaml'), assertions)
    if (lab === undefined) throw new Error('the lab of the test is wrong')
    // The runs that these tests leave were never asked what crashed.
    const variants = lab.variants.map((variant) => ({ ...variant, crashCases: [] }))
    use(folder, { ...lab, variants }, (...args) => run(folder, args))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(cwd: string, args: readonly string[]) {
  const environment = { ...process.env, NO_COLOR: '1' }
  return spawnSync(process.execPath, [main, ...args], { cwd, encoding: 'utf8', env: environment })
}

/** Leaves the results of a run of a lab. */
function leaveRun(folder: string, lab: Lab, outcome: 'passed' | 'failed') {
  const [variant] = lab.variants
  if (variant === undefined) throw new Error('no variant')
  const scope = 'small/default'
  const surroundings = {
    wirelab: '0',
    provider: 'fake',
    accelerator: 'tcg',
    qemu: '7',
    image: 'i',
    kernel: 'k',
    host: 'h',
    node: '24',
  }
  const events: RunEvent[] = [
    {
      type: 'run-started',
      at: 0,
      run: 'r',
      startedAt: '2026-01-01T00:00:00.000Z',
      kind: 'run',
      surroundings,
      version: eventsVersion,
      scopes: [{ scope, lab: 'small', variant: 'default' }],
    },
    { ...announceScope({ name: scope, folder: scope, lab, variant, repetition: 1 }), at: 1, scope },
    ...variant.steps.flatMap((step): RunEvent[] => [
      { type: 'step-started', at: 2, scope, step: step.index, name: step.name, node: 'a', ...announce(step) },
      { type: 'step-finished', at: 3, scope, step: step.index, outcome, durationMs: 1 },
    ]),
    { type: 'scope-finished', at: 4, scope, outcome, durationMs: 3 },
    { type: 'run-finished', at: 5, outcome, exitCode: 0, durationMs: 5 },
  ]
  mkdirSync(join(folder, 'results/r'), { recursive: true })
  writeFileSync(join(folder, 'results/r/events.jsonl'), events.map(renderEvent).join(''))
}

test('--last-failed chooses what failed in the last run, of what is named', (t) => {
  withLab((folder, lab, wirelab) => {
    const { status, stderr } = wirelab('--last-failed', '--list')
    t.is(status, 2)
    t.regex(stderr, /there is no results\/latest\nrun labs first/)
    leaveRun(folder, lab, 'failed')
    symlinkSync('r', join(folder, 'results/latest'))
    t.is(wirelab('small', 'bridge-veth', '--last-failed', '--list').stdout, 'small/default\n')
    // It lies elsewhere, and where is not believed to a record.
    t.regex(wirelab('--last-failed', '--list').stderr, /no variant is one that failed in results\/latest\nname labs/)
    leaveRun(folder, lab, 'passed')
    t.is(wirelab('small', '--last-failed', '--list').status, 2)
  })
})

test('a lab is drawn as SVG, Mermaid and DOT', (t) => {
  withLab((_folder, _lab, wirelab) => {
    t.regex(wirelab('graph', 'small').stdout, /^<\?xml.*\n<svg /)
    t.regex(wirelab('graph', 'small', '--format', 'mermaid').stdout, /^flowchart LR\n.*e0 --- e1\n$/s)
    t.regex(wirelab('graph', 'small', '--format', 'dot').stdout, /nic_0 -- nic_1/)
    t.is(wirelab('graph', 'small', '--format', 'png').status, 2)
    t.regex(wirelab('graph', 'small', '--live').stderr, /cannot draw small as it is: it is not up\n.*lab up small/)
  })
})

test("reports are drawn again with the run's exit code, and one that can't be drawn is an error", (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'failed')
    t.is(wirelab('report', 'results/r').status, 0)
    rmSync(join(folder, 'results/r/report.html'))
    mkdirSync(join(folder, 'results/r/report.html'))
    const { status, stderr } = wirelab('report', 'results/r')
    t.is(status, 3)
    t.regex(stderr, /^cannot draw results\/r\/report.html: EISDIR/)
  })
})

for (const command of ['report', 'history', 'merge', 'handout'] as const) {
  test(`${command} refuses events of another version, and says what to do`, (t) => {
    withLab((folder, lab, wirelab) => {
      leaveRun(folder, lab, 'passed')
      const file = join(folder, 'results/r/events.jsonl')
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"version":\d+,/, ''))
      const words = command === 'handout' ? ['./small', '--from', 'results/r'] : ['results/r']
      const { status, stderr, stdout } = wirelab(command, ...words)
      t.is(status, 2)
      t.is(stdout, '')
      t.is(
        stderr,
        `cannot read results/r/events.jsonl: its events are of version 1, and this wirelab reads version ${eventsVersion}\n` +
          'run the labs again, or use the wirelab that left it\n',
      )
    })
  })
}

test('runs are compared whatever the version of their events', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const { status, stderr } = wirelab('compare', 'results/r', 'results/r')
    t.is(status, 2)
    t.regex(stderr, /^cannot read results\/r\/junit.xml: ENOENT.*\nto draw it again: npm run lab report results\/r\n$/)
    t.is(wirelab('report', 'results/r').status, 0)
    rmSync(join(folder, 'results/r/events.jsonl'))
    const compared = wirelab('compare', 'results/r', 'results/r')
    t.is(compared.status, 0)
    t.regex(compared.stdout, /\| small\/default \| 1 passed \| 1 passed \|/)
  })
})

test('a reader that goes away is no trouble', (t) => {
  withLab((folder) => {
    const line = `"${process.execPath}" "${main}" graph small | true; exit "\${PIPESTATUS[0]}"`
    const { status, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
    t.is(stderr, '')
    t.is(status, 0)
  })
})

test('output that cannot be written is an error, unless the command has a worse one', (t) => {
  withLab((folder) => {
    const to = (line: string) => spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
    const { status, stderr } = to(`"${process.execPath}" "${main}" graph small > /dev/full`)
    t.is(stderr, 'cannot write the output: ENOSPC: no space left on device, write\n')
    t.is(status, 3)
    t.is(to(`"${process.execPath}" "${main}" graph larger > /dev/full`).status, 2)
    t.is(to(`"${process.execPath}" "${main}" graph larger 2> /dev/full`).status, 2)
  })
})

test('a handout is made of the last run that passed', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const { status, stdout } = wirelab('handout', './small')
    t.is(status, 0)
    t.is(stdout, 'results/r/handout-small.md\nresults/r/handout-small.html\n')
    const text = readFileSync(join(folder, 'results/r/handout-small.md'), 'utf8')
    t.regex(text, /ip link set eth1 up/)
    t.regex(text, /On \*\*a\*\*, write into `\/etc\/note`:\n\n```\neth1 is up\n```/)
  })
})

test('no handout is made of a lab that did not run, did not pass, or has changed since', (t) => {
  withLab((folder, lab, wirelab) => {
    t.regex(wirelab('handout', './small').stderr, /it has not run yet/)
    leaveRun(folder, lab, 'failed')
    t.regex(wirelab('handout', './small').stderr, /small\/default did not pass/)
    leaveRun(folder, lab, 'passed')
    writeFileSync(join(folder, 'small/lab.yaml'), labText.replace('eth1 up', 'eth1 down'))
    const { status, stderr } = wirelab('handout', './small')
    t.is(status, 2)
    t.regex(stderr, /step "Up" of variant default has changed since results\/r/)
    writeFileSync(join(folder, 'small/lab.yaml'), labText)
    writeFileSync(join(folder, 'small/note'), 'eth1 is down\n')
    t.regex(wirelab('handout', './small').stderr, /step "Described" of variant default has changed/)
  })
})

test('parts of a run on several images are merged with what they know of images, when none is missing', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const moreImages = { frr: { packages: { frr: '8' }, built: {} } }
    writeFileSync(
      join(folder, 'results/r/manifest.json'),
      JSON.stringify({ run: 'r', packages: {}, moreImages, labs: [] }),
    )
    const { status, stderr } = wirelab('merge', 'results/r', '--all', '--image', 'debian-12', '--image', 'debian-13')
    t.is(status, 3)
    t.regex(stderr, /^cannot merge: no part has [^ ]*@debian-12\n/)
    t.is(wirelab('merge', 'results/r', '--out', 'merged').status, 0)
    t.deepEqual(JSON.parse(readFileSync(join(folder, 'merged/manifest.json'), 'utf8')), {
      ...{ run: 'r', packages: {}, moreImages, labs: [], merged: ['r'] },
    })
    t.regex(wirelab('history', 'results/r', 'merged').stdout, /^1 run, /)
    t.regex(wirelab('compare', 'results/r', 'merged').stderr, /^cannot compare: expected two results folders or more\n/)
  })
})

test('a part that is missing is refused, and told of beside a report of what is there', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const manifest = { packages: {}, labs: [], part: { part: 1, of: 2, digest: 'd' } }
    writeFileSync(join(folder, 'results/r/manifest.json'), JSON.stringify(manifest))
    const strict = wirelab('merge', 'results/r', '--out', 'merged')
    t.is(strict.status, 3)
    t.regex(strict.stderr, /^cannot merge: part 2\/2 is missing\n/)
    t.false(existsSync(join(folder, 'merged')))
    const { status, stderr } = wirelab('merge', 'results/r', 'results/none', '--out', 'merged', '--incomplete')
    t.is(status, 3)
    t.regex(stderr, /^not whole: cannot read results\/none\/events.jsonl: ENOENT.*\n {2}part 2\/2 is missing\n$/)
    t.regex(readFileSync(join(folder, 'merged/report.html'), 'utf8'), /small/)
    t.regex(readFileSync(join(folder, 'merged/junit.xml'), 'utf8'), /part 2\/2(.|\n)*<error/)
    rmSync(join(folder, 'results/r/manifest.json'))
    const uncut = wirelab('merge', 'results/r', 'results/none', '--out', 'other', '--incomplete')
    t.is(uncut.status, 3)
    t.regex(uncut.stderr, /^not whole: cannot read results\/none\/events.jsonl: ENOENT.*\n$/)
  })
})

test('a failure hides behind nothing that is missing, whether that is refused or not', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'failed')
    const file = join(folder, 'results/r/events.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"exitCode":0', '"exitCode":1'))
    const manifest = { packages: {}, labs: [], part: { part: 1, of: 2, digest: 'd' } }
    writeFileSync(join(folder, 'results/r/manifest.json'), JSON.stringify(manifest))
    const strict = wirelab('merge', 'results/r', '--out', 'merged')
    t.is(strict.status, 1)
    t.regex(strict.stderr, /^cannot merge: part 2\/2 is missing\n.*\nOf what is there something failed\.\n$/)
    t.is(strict.stdout, '')
    t.false(existsSync(join(folder, 'merged')))
    const lax = wirelab('merge', 'results/r', '--out', 'merged', '--incomplete')
    t.is(lax.status, 1)
    t.is(lax.stderr, 'not whole: part 2/2 is missing\n')
  })
})

test('a history leaves out what it can not read, and says so, unless that is all', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    mkdirSync(join(folder, 'results/aborted'))
    const some = wirelab('history', 'results/aborted', 'results/r')
    t.is(some.status, 0)
    t.regex(some.stderr, /^left out: cannot read results\/aborted\/events.jsonl: ENOENT.*\n$/)
    t.regex(some.stdout, /^1 run, /)
    t.is(wirelab('history', 'results/aborted').status, 2)
  })
})

test('what is inconclusive and can not be tried again is told, and stays what it is', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const file = join(folder, 'results/r/events.jsonl')
    const judged: RunEvent = {
      ...{ type: 'case-finished', at: 4, scope: 'small/default', step: 1, stepName: 'Up', case: 'Up: it', claim: 'it' },
      ...{ assertion: 'output', outcome: 'error', wanted: 'it', question: 'it?', found: 'too busy to tell' },
      ...{ transcript: '', attempts: 1, durationMs: 1, file: '', line: 1 },
    }
    const lines = readFileSync(file, 'utf8').replace('"exitCode":0', '"exitCode":3').split('\n')
    writeFileSync(file, [...lines.slice(0, -3), renderEvent(judged).trimEnd(), ...lines.slice(-3)].join('\n'))
    const retry = (out: string) => wirelab('merge', 'results/r', '--out', out, '--retry-inconclusive', '1')
    const { status, stderr } = retry('merged')
    t.is(status, 3)
    t.regex(stderr, /^cannot try again what was inconclusive: cannot do the same as merged\/manifest.json: ENOENT/)
    t.true(existsSync(join(folder, 'merged/report.html')))
    const other = [{ scope: 'small/default', lab: 'small', file: join(folder, 'small/lab.yaml'), sha256: 'other' }]
    const manifest = { kind: 'run', packages: {}, built: {}, surroundings: {}, options: {}, labs: other }
    writeFileSync(join(folder, 'results/r/manifest.json'), JSON.stringify(manifest))
    t.is(retry('changed').stderr, 'cannot try again what was inconclusive: the files of lab small have changed\n')
  })
})

test('merged events keep their words and their distance in time, whatever order a foreign part writes them in', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const file = join(folder, 'results/r/events.jsonl')
    const first = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.replace('"name":"Up"', '"name":"\u202e##[x]"'))
    const later = first.map((line) => {
      if (line === '') return line
      const { type, at, ...rest } = JSON.parse(line.replaceAll('small', 'other').replace('T00:00:00', 'T00:00:10'))
      return JSON.stringify({ at, ...rest, type })
    })
    mkdirSync(join(folder, 'results/s'))
    writeFileSync(join(folder, 'results/s/events.jsonl'), later.join('\n'))
    writeFileSync(file, first.join('\n'))
    t.is(wirelab('merge', 'results/r', 'results/s', '--out', 'merged').status, 0)
    const merged = readFileSync(join(folder, 'merged/events.jsonl'), 'utf8')
    t.notRegex(merged, /\u202e|##\[/)
    const events: RunEvent[] = merged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.is(events.filter(({ type }) => type === 'run-started').length, 1)
    const begun = events.filter(({ type }) => type === 'scope-started')
    t.deepEqual(
      begun.map(({ at }) => at),
      [1, 10_001],
    )
    t.is(wirelab('report', 'merged').status, 0)
  })
})

test('pages that a report had before and has no more are removed, and no other file beside them', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const pages = join(folder, 'results/r/report-pages')
    mkdirSync(pages)
    for (const name of ['001.html', 'notes.txt']) writeFileSync(join(pages, name), '')
    t.is(wirelab('report', 'results/r').status, 0)
    t.deepEqual(readdirSync(pages), ['notes.txt'])
    t.is(wirelab('merge', 'results/r', '--out', 'merged').status, 0)
    t.false(existsSync(join(folder, 'merged/report-pages')))
    rmSync(pages, { recursive: true })
    symlinkSync(folder, pages)
    writeFileSync(join(folder, '001.html'), 'untouched')
    t.is(wirelab('report', 'results/r').status, 0)
    t.is(readFileSync(join(folder, '001.html'), 'utf8'), 'untouched')
  })
})

test('no command follows a link out of a results folder, neither to write nor to read', (t) => {
  withLab((folder, lab, wirelab) => {
    leaveRun(folder, lab, 'passed')
    const outside = join(folder, 'outside')
    const results = join(folder, 'results/r')
    writeFileSync(outside, 'untouched')
    const names = ['junit.xml', 'report.html', 'manifest.json', 'handout-small.md', 'handout-small.html', 'small.log']
    const plant = (name: string) => {
      rmSync(join(results, name), { force: true })
      symlinkSync(outside, join(results, name))
    }
    names.forEach(plant)
    symlinkSync(folder, join(results, 'small'))
    symlinkSync(outside, join(folder, 'results/history.html'))
    t.is(wirelab('report', 'results/r').status, 0)
    t.is(wirelab('handout', './small').status, 0)
    t.is(wirelab('history', 'results/r').status, 0)
    names.forEach(plant)
    t.is(wirelab('merge', 'results/r', '--out', 'merged').status, 0)
    t.is(readFileSync(outside, 'utf8'), 'untouched')
    t.deepEqual(readdirSync(join(folder, 'merged')).toSorted(), ['events.jsonl', 'junit.xml', 'report.html'])
    t.regex(
      wirelab('compare', 'results/r', 'results/r').stderr,
      /^cannot read results\/r\/junit.xml: it is not a regular/,
    )
    plant('events.jsonl')
    for (const command of ['report', 'history', 'merge'])
      t.regex(wirelab(command, 'results/r').stderr, /^cannot read results\/r\/events.jsonl: it is not a regular file\n/)
  })
})
