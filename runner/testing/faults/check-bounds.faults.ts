import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

// The check of any lab file up to 1 MB ends in 5 s of processor time and 500 MB, whatever the file asks for. On a host on
// which all labs here take more than half of that it is twice what they take.
const leastMaxCpuMs = 5000
const maxKiB = 500 * 1024

const root = join(import.meta.dirname, '..', '..', '..')
const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('')
const head = 'title: t\nsummary: s\n'
const machine = `${head}nodes: { m: {} }\n`
/** Whoever explains a survivor has the mutants made. */
const explaining = `${machine}survives: { x: y }\n`
const step = 'steps:\n  - { name: one, on: m, run: "true" }\n'
const row = (name: string) => `"${`{{${name}}}`.repeat(60)}"`
const expecting = (index: number) => `expect: [{ output: { on: m, command: x${index}, equals: y } }]`
const variants = (count: number) => `variants:\n${many(count, (index) => `  v${index}: { a: "b c" }\n`)}`

/** What each file asks for; exit code 0 where it is a lab, 2 where it is refused. */
const files: Readonly<Record<string, { text: string; files?: Readonly<Record<string, string>>; exitCode?: 0 }>> = {
  'values that multiply': {
    text: `${machine}values: { a: ${'x'.repeat(1000)}, b: ${row('a')}, c: ${row('b')}, d: ${row('c')}, e: ${row('d')} }\n${step}`,
  },
  '5000 copies of one file of 1 MB': {
    text: `${machine}steps:\n${many(50, (index) => `  - name: s${index}\n    on: m\n    run: x\n    copy:\n${many(100, (copy) => `      /t/${copy}: big\n`)}`)}`,
    files: { big: 'x'.repeat(1 << 20) },
    exitCode: 0,
  },
  'a million unknown values in a file': {
    text: `${machine}steps:\n  - { name: s, on: m, run: x, copy: { /x: f } }\n`,
    files: { f: '{{c}}\n'.repeat(1_000_000) },
  },
  '9000 nodes with wrong links': {
    text: `${head}nodes:\n${many(9000, (index) => `  node${index}: {}\n`)}links:\n${many(9000, (index) => `  - { endpoints: ["nodx${index}:eth1", "nody${index}:eth1"] }\n`)}steps:\n  - { name: one, on: node1, run: x }\n`,
  },
  '9000 misspelt values': {
    text: `${machine}values:\n${many(9000, (index) => `  value${index}: x\n`)}steps:\n${many(9000, (index) => `  - { name: s${index}, on: m, run: "{{valux${index}}}" }\n`)}`,
  },
  '40,000 mistakes': { text: machine + step + many(40_000, (index) => `k${index}: 1\n`) },
  '160,000 mistakes in one text': {
    text: `${machine}steps:\n  - { name: s, on: m, run: "${'{{c}} '.repeat(160_000)}" }\n`,
  },
  '160,000 values in one text': {
    text: `${machine}values: { a: b }\nsteps:\n  - { name: s, on: m, run: "${'{{a}} '.repeat(160_000)}" }\n`,
    exitCode: 0,
  },
  '3000 variants of 3000 steps': {
    text: `${machine}${variants(3000)}steps:\n${many(3000, (index) => `  - { name: s${index}, on: m, run: "{{a}}" }\n`)}`,
  },
  'as many variants as a large file may have': {
    text: `${machine}${variants(12)}steps:\n${many(1500, (index) => `  - { name: s${index}, on: m, run: "{{a}}{{c}}", expect: [{ output: { on: q, command: x, matches: "x{20}{{a}}[a-f]+${index}" } }] }\n`)}`,
  },
  'values in scripts of many variants': {
    text: `${machine}${variants(9)}steps:\n  - name: s\n    on: m\n    run: |\n${'      echo {{a}} <<X $(ls "q")\n'.repeat(25_000)}`,
  },
  '8000 steps of one name': {
    text: `${machine}steps:\n${many(8000, () => '  - { name: s, on: m, run: x, refused: y }\n')}`,
  },
  'as many steps of one name as a file may have': {
    text: `${machine}steps:\n${many(2000, () => '  - { name: s, on: m, run: x, refused: y }\n')}`,
    exitCode: 0,
  },
  'mutations by the thousand': {
    text: `${machine}values: { a: b }\nsteps:\n${many(2000, (index) => `  - { name: s${index}, id: i${index}, on: m, run: "x{{a}}", ${expecting(index)} }\n`)}mutations:\n${many(2000, (index) => `  - { name: m${index}, values: { a: c }, caught-by: [i1999] }\n`)}`,
  },
  '350 mutations of a large file': {
    text: `${machine}steps:\n${many(2000, (index) => `  - { name: s${index}, id: i${index}, on: m, run: x, ${expecting(index)} }\n`)}mutations:\n${many(350, (index) => `  - { name: m${index}, without: i${index}, caught-by: [i1999] }\n`)}`,
    exitCode: 0,
  },
  'events at cables that are not there': {
    text: `${head}nodes:\n${many(4000, (index) => `  n${index}: {}\n`)}links:\n${many(2000, (index) => `  - { endpoints: ["n${2 * index}:eth1", "n${2 * index + 1}:eth1"] }\n`)}steps:\n${many(5000, (index) => `  - { name: s${index}, events: [ { link: { endpoint: "n${index}:eth2", state: down } } ] }\n`)}`,
  },
  'aliases of aliases': {
    text: `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${many(9, (index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(',')}]\n`)}`,
  },
  'aliases of a long text': {
    text: `${machine}a: &a "${'y'.repeat(450_000)}"\nsteps:\n${many(12_000, (index) => `  - { name: s${index}, on: m, run: *a }\n`)}`,
  },
  'patterns that grow': {
    text: `${machine}steps:\n${many(2000, (index) => `  - { name: s${index}, expect: [{ output: { on: m, command: x, matches: "x{280}${index}" } }] }\n`)}`,
    exitCode: 0,
  },
  'mutants by the thousand': {
    text: `${explaining}steps:\n${many(3000, (index) => `  - { name: s${index}, on: m, run: "ip link add a${index}; ip link set a${index} up" }\n`)}`,
  },
  'mutants of all steps': {
    text: `${explaining}steps:\n${many(990, (index) => `  - { name: s${index}, on: m, run: ip link add a${index} }\n`)}`,
  },
  'mutants of values': {
    text: `${explaining}values:\n${many(900, (index) => `  a${index}: "on"\n`)}steps:\n${many(900, (index) => `  - { name: s${index}, on: m, run: "x {{a${index}}} y", ${expecting(index)} }\n`)}`,
  },
  'mutants of long values': {
    text: `${explaining}values:\n  l: "${'x'.repeat(4000)}"\n${many(90, (index) => `  a${index}: "on"\n`)}steps:\n${many(90, (index) => `  - { name: s${index}, on: m, run: "x {{a${index}}} ${'{{l}} '.repeat(40)}" }\n`)}`,
  },
  'mutants of large files': {
    text: `${explaining}steps:\n  - name: s\n    on: m\n    run: x\n    copy:\n${many(5000, (copy) => `      /t/${copy}: f\n`)}`,
    files: { f: 'port 22\n'.repeat(2000) },
  },
  'mutants of 5000 copies of one file of 1 MB': {
    text: `${explaining}steps:\n  - name: s\n    on: m\n    run: x\n    copy:\n${many(5000, (copy) => `      /t/${copy}: big\n`)}`,
    files: { big: 'x'.repeat(1 << 20) },
  },
  'mutants of a loop without an end': {
    text: `${explaining}steps:\n${many(60, (index) => `  - { name: s${index}, on: m, run: "${'if a; '.repeat(2700)}" }\n`)}`,
  },
  'mutants of lines that are looked at for long': {
    text: `${explaining}steps:\n${many(6, (index) => `  - { name: s${index}, on: m, run: "x ${'set '.repeat(500)}${'up '.repeat(660)}" }\n`)}${many(6, (index) => `  - { name: t${index}, on: m, run: "x ${'from :: '.repeat(250)}${' to '}${':'.repeat(2000)}g" }\n`)}`,
  },
  'a file that is too large': { text: `${machine}${step}# ${'x'.repeat(1_100_000)}` },
}

const maxCpuMs = Math.max(leastMaxCpuMs, 2 * check('--all').cpuMs)

for (const [what, { text, files: beside = {}, exitCode = 2 }] of Object.entries(files)) {
  test(`${what}: the check ends soon, with at most 50 mistakes`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-bounds-'))
    try {
      writeFileSync(join(folder, 'lab.yaml'), text)
      for (const [name, content] of Object.entries(beside)) writeFileSync(join(folder, name), content)
      const { status, stdout, stderr, cpuMs, maxRssKiB } = check(folder)
      t.diagnostic(`${(cpuMs / 1000).toFixed(1)} s, ${Math.round(maxRssKiB / 1024)} MB`)
      assert.equal(status, exitCode, stdout + stderr)
      assert.ok(stderr.length < 100_000, `${stderr.length} characters are printed`)
      assert.doesNotMatch(stderr, /\n {4}at /)
      assert.ok(cpuMs < maxCpuMs, `it took ${cpuMs} ms`)
      assert.ok(maxRssKiB < maxKiB, `it took ${maxRssKiB} KiB`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** Checks a lab, or all, in a process of its own, which says at its end what it took. */
function check(labs: string) {
  const report = `import { writeSync } from 'node:fs'
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    writeSync(3, [(userCPUTime + systemCPUTime) / 1000, maxRSS].join(' '))
  })`
  const words = ['--import', `data:text/javascript,${encodeURIComponent(report)}`, join(root, 'runner/cli/main.ts')]
  const child = spawnSync(process.execPath, [...words, 'check', labs], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
  const [cpuMs = Number.NaN, maxRssKiB = Number.NaN] = String(child.output[3]).split(' ').map(Number)
  return { status: child.status, stdout: child.stdout, stderr: child.stderr, cpuMs, maxRssKiB }
}
