import test from 'ava'
import { everyReport } from './fixtures/every-report.ts'
import { readFixture } from './fixtures/fixture.ts'
import { parseEvents } from './run/json-lines.ts'

/** With SEED in the environment other files are tried; a failure names the seed of its file. */
const seed = Number(process.env['SEED'] ?? 1)
const files = Number(process.env['FILES'] ?? 1600)
const parts = 4

const fixtures = ['every-outcome', 'killed', 'mutations', 'outage', 'passed'].map((name) =>
  readFixture(`${name}.jsonl`).split('\n'),
)

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
function randomOf(start: number) {
  let state = start
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  const pick = <T>(choices: readonly [T, ...T[]] | readonly T[]): T => choices[below(choices.length)] as T
  return { below, pick }
}

type Random = ReturnType<typeof randomOf>

const strange: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, '', 'x', '__proto__', 'constructor', '../../etc/passwd', '/etc/passwd'],
  ...[[], [null], [[]], {}, { length: 3 }, 'bridge-veth/default', 'host:eth1', 'passed', 'down'],
]

/** Changes something somewhere in a value: another value, one taken away, one more. */
function changed(value: unknown, random: Random): unknown {
  const isInside = typeof value === 'object' && value !== null && Object.keys(value).length > 0 && random.below(8) > 0
  if (!isInside) return random.pick(strange)
  const entries = Object.entries(value)
  const [key, inner] = random.pick(entries)
  const how = random.below(4)
  const others = entries.filter(([name]) => name !== key)
  const next = how === 0 ? others : entries.map(([name, one]) => [name, name === key ? changed(inner, random) : one])
  return Array.isArray(value) ? next.map(([, one]) => one) : Object.fromEntries(next)
}

function damageLine(line: string, random: Random): string {
  if (line === '') return line
  const how = random.below(6)
  if (how === 0) return line.slice(0, random.below(line.length))
  if (how === 1) return line.slice(random.below(line.length))
  try {
    return JSON.stringify(changed(JSON.parse(line), random)) ?? ''
  } catch {
    // It was cut before.
    return line
  }
}

/** A file in which lines are cut, changed, missing, doubled, or stand elsewhere. */
function damagedFile(random: Random): string {
  const lines = [...random.pick(fixtures)]
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(lines.length)
    const to = random.below(lines.length)
    const line = lines[at] ?? ''
    const how = random.below(8)
    if (how < 3) lines[at] = damageLine(line, random)
    else if (how === 3) lines.splice(at, 1 + random.below(5))
    else if (how === 4) lines.splice(to, 0, line)
    else if (how === 5) lines.splice(to, 0, ...lines.splice(at, 1))
    else if (how === 6) lines.splice(to, 0, ...random.pick(fixtures))
    else lines.length = at
  }
  return lines.join('\n')
}

for (let part = 0; part < parts; part++)
  test(`a damaged events.jsonl is refused with its line, or drawn by every reporter: part ${part + 1}`, async (t) => {
    t.timeout(600_000)
    let drawn = 0
    for (let file = part; file < files; file += parts) {
      const text = damagedFile(randomOf(seed * 100_000 + file))
      let events: ReturnType<typeof parseEvents>
      try {
        events = parseEvents(text)
      } catch (error) {
        t.regex(String(error), /^Error: events\.jsonl(:\d+: this is (no|not) |: its events are of version )/)
        continue
      }
      drawn++
      const audience = file % 8 < parts ? { audience: { reader: 'jenkins' as const } } : {}
      await t.notThrowsAsync(everyReport(events, audience), `SEED=${seed}, file ${file}`)
    }
    t.true(drawn > files / parts / 5, `only ${drawn} were drawn`)
  })
