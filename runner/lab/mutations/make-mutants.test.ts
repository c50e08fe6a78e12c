import test from 'ava'
import { valueIn } from '../../steps/actions/action.ts'
import { copy } from '../../steps/actions/copy.ts'
import { run } from '../../steps/actions/run.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../../testing/test-labs.ts'
import type { Mutant } from '../lab.ts'

const mutantsOf = (steps: string, head = '', files: Record<string, string> = {}) =>
  labOf(withSteps(steps, head), files).makeMutants()
const step = (script: string, more = '') =>
  `  - name: Step\n    id: s\n    on: host\n${more}    run: |\n${script.replaceAll(/^/gm, '      ')}\n    expect: [{ ping: { from: host, to: peer, is: reachable } }]\n`
const namesOf = (mutants: readonly Mutant[]) => mutants.map(({ name }) => name)
const scriptOf = (mutant: Mutant | undefined, at = 0) => {
  const [first] = mutant?.trials[at]?.variant.steps ?? []
  return first && valueIn(first, run)?.text
}
const named = (mutants: readonly Mutant[], name: string) => mutants.find((mutant) => mutant.name === name)

test('each step that does something and each command that changes something is left out, questions and comments are not', (t) => {
  const looks = '  - { name: Look, on: host, run: ip addr show }\n'
  const mutants = mutantsOf(
    `${step('ip link add a type dummy\n# ip link add b\nip addr show\n  ip link set a up')}${looks}`,
  )
  t.deepEqual(namesOf(mutants), [
    's: left out',
    's: without "ip link add a type dummy"',
    's: without "ip link set a up"',
  ])
  t.deepEqual(
    mutants[0]?.trials[0]?.variant.steps.map(({ actions, expectations }) => [actions.length, expectations.length]),
    [
      [0, 1],
      [1, 0],
    ],
  )
  t.is(scriptOf(mutants[1]), ':\n# ip link add b\nip addr show\n  ip link set a up\n')
  t.like(mutants[2]?.place, { line: 15, column: 9, text: '        ip link set a up' })
})

test('the only command of a step is the step', (t) => {
  t.deepEqual(namesOf(mutantsOf(step('ip link add a type dummy\nip addr show'))), ['s: left out'])
})

test('a step that must be refused stays, without its commands', (t) => {
  const [mutant] = mutantsOf('  - { name: No, on: host, run: "cat /none", refused: No such file }\n')
  t.is(mutant?.name, 'No: left out')
  t.is(mutant?.trials[0]?.variant.steps[0]?.actions[0]?.cases.length, 1)
})

test('lines that are the same have names of their own, and each leaves out its own', (t) => {
  const mutants = mutantsOf(step('ip link set a up\nip link add b type dummy\nip link set a up'))
  const [first, second] = ['s: without "ip link set a up"', 's: without "ip link set a up" (2)'].map((name) =>
    named(mutants, name),
  )
  t.is(scriptOf(first), ':\nip link add b type dummy\nip link set a up\n')
  t.is(scriptOf(second), 'ip link set a up\nip link add b type dummy\n:\n')
})

test('a here-document is left out whole, and only what is no comment in it is changed', (t) => {
  const mutants = mutantsOf(step('cat > /etc/f <<END\n# interval 7\ninterval 5\nEND\nip link add b type dummy'))
  t.deepEqual(namesOf(mutants), [
    's: left out',
    's: without "cat > /etc/f <<END …"',
    's: without "ip link add b type dummy"',
    's: "5" -> "50" in "interval 5"',
  ])
  t.is(scriptOf(mutants[1]), ':\nip link add b type dummy\n')
})

test('addresses, numbers, modes, switches and timers stand otherwise', (t) => {
  const words = (script: string) =>
    mutantsOf(step(script))
      .filter(({ kind }) => kind === 'other')
      .map(({ change }) => change)
  t.deepEqual(words('ip addr add 10.0.0.1/24 dev a\nip addr add 10.0.0.2/24 dev b\nip addr add 10.9.0.1/24 dev c'), [
    '"10.0.0.1" -> "10.0.0.2"',
    '"10.0.0.2" -> "10.0.0.1"',
  ])
  t.deepEqual(words('ip link add t type vxlan id 7 local 10.0.0.1 remote 10.0.0.2 dstport 4789\nx'), [
    '"10.0.0.1" <-> "10.0.0.2"',
    '"7" -> "8"',
    '"4789" -> "4790"',
  ])
  t.deepEqual(words('bridge vlan add vid 10 dev a\nbridge vlan add vid 4094 dev a'), [
    '"10" -> "11"',
    '"4094" -> "4093"',
  ])
  t.deepEqual(words('ip link add m type macvlan mode private\nip link add b type bond mode 802.3ad miimon 100'), [
    '"private" -> "vepa"',
    '"802.3ad" -> "balance-xor"',
    '"100" -> "1000"',
  ])
  t.deepEqual(words('bridge link set dev a hairpin on\nsysctl -w net.ipv4.ip_forward=1\necho 0 > /proc/x'), [
    '"on" -> "off"',
    '"1" -> "0"',
    '"0" -> "1"',
  ])
  t.deepEqual(words('ip link set a master b up\nip link set a up\nip -n c link set a up'), ['"up" -> "down"'])
})

test('a "no" that negates the word after it is no switch', (t) => {
  const mutants = mutantsOf(step(`setup dhcp no\nsetup "and no router"\nsetup no shutdown`))
  t.deepEqual(
    mutants.filter(({ kind }) => kind === 'other').map(({ name }) => name),
    ['s: "no" -> "yes" in "setup dhcp no"'],
  )
})

test('a value that is changed is changed wherever it stands, in the variants that have it', (t) => {
  const head = 'variants: { a: { mode: vepa }, b: { mode: vepa }, c: { mode: bridge } }'
  const mutants = mutantsOf(
    step('ip link add x type macvlan mode {{mode}}\nip link add y type macvlan mode {{mode}}'),
    head,
  )
  t.deepEqual(namesOf(mutants), [
    's: left out',
    's: without "ip link add x type macvlan mode {{mode}}"',
    's: without "ip link add y type macvlan mode {{mode}}"',
    'value mode: "vepa" -> "bridge"',
    'value mode: "bridge" -> "passthru"',
  ])
  const value = named(mutants, 'value mode: "vepa" -> "bridge"')
  t.deepEqual(
    value?.trials.map(({ variant }) => variant.name),
    ['a', 'b'],
  )
  t.is(scriptOf(value), 'ip link add x type macvlan mode bridge\nip link add y type macvlan mode bridge\n')
  t.is(value?.place.line, 6)
  t.is(scriptOf(mutants[2], 2), 'ip link add x type macvlan mode bridge\n:\n')
})

test('files that are copied are changed by line, with the values of each variant', (t) => {
  const files = { 'r.conf': '# hello 3\nhello {{hello}};\ndead 4; # dead 5\n' }
  const mutants = mutantsOf(
    step('reload\nother', '    copy: { /etc/r.conf: r.conf }\n'),
    'values: { hello: "1" }',
    files,
  )
  const others = mutants.filter(({ kind }) => kind === 'other')
  t.deepEqual(namesOf(others), ['value hello: "1" -> "10"', 'r.conf: "4" -> "40" in "dead 4; # dead 5"'])
  const [first] = others[1]?.trials[0]?.variant.steps ?? []
  const content = first && valueIn(first, copy)?.[0]?.content
  t.is(new TextDecoder().decode(content), '# hello 3\nhello 1;\ndead 40; # dead 5\n')
  t.like(others[1]?.place, { line: 3, column: 6 })
})

test('what is claimed never changes', (t) => {
  const lab = labOf(withSteps(step('ip link set a up; ip link add b type dummy mode {{m}}'), 'values: { m: l2 }'))
  const claims = ({ variants: [variant] }: Pick<typeof lab, 'variants'>) =>
    variant?.steps.flatMap((one) => one.expectations)
  for (const mutant of lab.makeMutants()) {
    for (const { variant } of mutant.trials) t.deepEqual(claims({ variants: [variant] }), claims(lab), mutant.name)
  }
})

test('a survivor is explained by its name, and an explanation of none is a mistake with the nearest name', (t) => {
  const text = (name: string) => `${withSteps(step('ip link set a up\nsync'))}survives: { '${name}': it only waits }\n`
  const mutants = labOf(text('s: without "sync"')).makeMutants()
  t.is(named(mutants, 's: without "sync"')?.survives, 'it only waits')
  t.is(named(mutants, 's: left out')?.survives, undefined)
  t.deepEqual(mistakesOf(text('s: without "synk"')), [
    '15:14 cannot explain why "s: without "synk"" survives: no mutant has this name',
  ])
  t.is(diagnosticsOf(text('s: without "synk"'))[0]?.nearest, 's: without "sync"')
})

const wrongWith = (steps: string, files: Record<string, string> = {}) =>
  mistakesOf(withSteps(steps, 'survives: { x: y }\n'), files)
const numbered = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

test('a lab that would have too many mutants is refused when they are asked for, and is a lab all the same', (t) => {
  const steps = step(numbered(6000, (index) => `true ${index}; ip link add a${index} type dummy`))
  const files = step('x', '    copy: { /x: f }\n')
  const lines = { f: numbered(1000, (index) => `port ${index}`) }
  const many = numbered(60, (index) => files.replace('Step', `S${index}`).replace('id: s', `id: s${index}`))
  t.throws(() => mutantsOf(many, '', lines), {
    message: /^cannot make mutants of .*: there would be too many mutants$/,
  })
  t.regex(wrongWith(many, lines)[0] ?? '', /cannot check what survives: there would be too many mutants/)
  // So long a text is data.
  t.deepEqual(namesOf(mutantsOf(steps)), ['s: left out'])
})

test('mutants are made once, and each reading with another value is as the first', (t) => {
  const lab = labOf(withSteps(step('ip link set a up\nsysctl -w net.x={{on}}'), 'values: { on: "1" }\n'))
  t.is(lab.makeMutants(), lab.makeMutants())
})

test('no name of a mutant speaks to the terminal, and long ones are cut', (t) => {
  const long = `ip link add ${'x'.repeat(300)} type dummy`
  const mutants = mutantsOf(step(`ip link add a\u202e type dummy\n${long}`))
  t.is(mutants[1]?.name, 's: without "ip link add a· type dummy"')
  t.is(mutants[2]?.name, `s: without "${long.slice(0, 200)}…"`)
})
