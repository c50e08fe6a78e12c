import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { assertions } from '../../../assertions/index.ts'
import { loadLab } from '../../lab/load-lab.ts'
import { answerOf, type Lesson, lessonAt } from '../../workshop/lesson.ts'
import { makePrivateHost } from './cli-process.ts'
import { whatIsNew } from './host-snapshot.ts'
import { ctrlC, ctrlD, openTerminal, type Terminal } from './terminal.ts'

// Somebody learns in pseudo-terminals, whole labs of this project, in real machines.

const host = makePrivateHost()
const terminals: Terminal[] = []
afterEach(async () => {
  for (const { child } of terminals.splice(0)) child.kill()
  await host.run(['down'])
})
after(() => host.remove())

const labs = join(import.meta.dirname, '..', '..', '..', 'labs')
const open = (...words: readonly string[]) => {
  const [command = '', lab = '', ...more] = words
  const terminal = openTerminal(host, [command, join(labs, lab), ...more])
  terminals.push(terminal)
  return terminal
}

/** Whoever sits at the terminal, with a lesson on its screen. */
interface Student {
  readonly lab: string
  readonly lesson: Lesson
  readonly terminal: Terminal
  /** Types a line, and waits until it is obeyed: these things are shown, and then the prompt. */
  enter(line: string, ...shown: readonly RegExp[]): Promise<void>
}

/** Does a lesson, to a "check" that goes well or "do". Returns the terminal in which that was, where it is another. */
type Act = (student: Student) => Promise<Terminal | undefined>

function studentAt(lab: string, lesson: Lesson, terminal: Terminal): Student {
  const enter: Student['enter'] = (line, ...shown) => {
    terminal.type(`${line}\r`)
    return terminal.sees(/\n/, ...shown, prompt(lesson))
  }
  return { lab, lesson, terminal, enter }
}

const prompt = ({ step }: Lesson) => new RegExp(`${step.node}> `)
const heading = ({ number, of }: Lesson) => new RegExp(`Step ${number} of ${of}: `)

/** Comes back to a lesson in another terminal, once this one has ended. */
async function comeBack({ lab, lesson }: Student, ...shown: readonly RegExp[]): Promise<Student> {
  const terminal = open('learn', lab)
  await terminal.sees(heading(lesson), ...shown, prompt(lesson))
  return studentAt(lab, lesson, terminal)
}

const types: Act = async ({ enter, lesson, terminal }) => {
  for (const line of answerOf(lesson.step)) await enter(line)
  terminal.type('check\r')
  await terminal.sees(lesson.questions.length === 0 ? /Nothing is claimed of it yet/ : /✓ /)
  return terminal
}

const hasItDone: Act = async ({ enter, lesson, terminal }) => {
  if (lesson.notTypable !== undefined) await enter('check', /cannot check it: it is not done yet/)
  if (lesson.questions.length > 0) await enter('do', /What do you expect\?/)
  terminal.type(lesson.questions.length === 0 ? 'do\r' : 'check\r')
  return undefined
}

const takesHints: Act = async (student) => {
  await student.enter('hint', /3 commands, of: ip link, ip addr\r\n/)
  await student.enter('hint', /ip link add … … …\r\n/)
  await student.enter('answer', / {2}ip link add bridge0 type bridge\r\n/)
  return types(student)
}

const isWrongAndLeaves: Act = async (student) => {
  const { enter, terminal } = student
  await enter('ip link set veth0 up')
  await enter('check', /✗ host reaches container/, /Not yet: mend it/)
  terminal.type('ping 10.0.3.78\r')
  await terminal.sees(/PING/)
  terminal.type(ctrlC)
  await terminal.sees(prompt(student.lesson))
  terminal.type(ctrlC)
  await terminal.sees(/learn .* goes on here/)
  assert.equal(await terminal.ended, 0)
  return types(await comeBack(student, /It is done already/))
}

const rewinds: Act = async (student) => {
  await student.enter('ip link del bridge0')
  await student.enter('rewind', /The machines are as the step before left them\.\r\n/)
  student.terminal.type(ctrlD)
  await student.terminal.sees(/goes on here/)
  assert.equal(await student.terminal.ended, 0)
  return types(await comeBack(student))
}

const losesMachine: Act = async (student) => {
  await student.enter('event machine sw2 crashed', /\* machine sw2 crashed/)
  await student.enter('bridge vlan', /cannot use machine sw2: it is crashed/)
  assert.match((await host.run(['inspect'])).output, /sw2.* crashed/)
  await student.enter('rewind', /The machines are as the step before left them\.\r\n/)
  return types(student)
}

const opensTwoShells: Act = async (student) => {
  const [left, right] = [open('shell', student.lab, 'a10'), open('shell', student.lab, 'b10')]
  await right.sees(/b10@vlan-trunk:~# /)
  right.type('tcpdump -c 2 -ni eth0 icmp\r')
  await right.sees(/listening on eth0/)
  await left.sees(/a10@vlan-trunk:~# /)
  left.type('ping 10.0.5.12\r')
  await right.sees(/10\.0\.5\.1 > 10\.0\.5\.12: ICMP echo request/, /b10@vlan-trunk:~# /)
  right.child.kill('SIGKILL')
  left.type(ctrlC)
  await left.sees(/packets transmitted/, /a10@vlan-trunk:~# /)
  left.type(ctrlD)
  assert.equal(await left.ended, 0)
  return types(student)
}

const opensShell: Act = async ({ lesson, enter, terminal }) => {
  terminal.type('shell\r')
  await terminal.sees(/host@lxc-veth:~# /)
  terminal.type(`${answerOf(lesson.step).join('\r')}\r`)
  terminal.type('exit\r')
  await terminal.sees(/logout/, prompt(lesson))
  await enter('ls', /c1\.conf/)
  terminal.type('check\r')
  return undefined
}

const losesTerminal: Act = async (student) => {
  student.terminal.type('sleep 1000\r')
  await student.terminal.sees(/\n/)
  student.terminal.child.kill('SIGKILL')
  await student.terminal.ended
  assert.match((await host.run(['ps'])).output, /\/default {2}up since .*\(host, c1, c2\)/)
  const gone = ['exec', 'host', '--', 'sh', '-c', 'while pgrep -x sleep; do :; done >&2; echo none']
  assert.match((await host.run(gone)).output, /none\n$/)
  return types(await comeBack(student))
}

const rewindsPastProcess: Act = async (student) => {
  await student.enter('lxc-stop -n c2 -k')
  await student.enter('rewind', /left them\. It was done again: .*dnsmasq/)
  return types(student)
}

/** What is played of a lab, by the number of the lesson; all others are typed as the lab has them. */
const plays: Readonly<Record<string, { readonly how: string; readonly acts: Readonly<Record<number, Act>> }>> = {
  'bridge-veth': {
    how: 'with hints, wrong once, with two pauses, and rewound',
    acts: { 2: hasItDone, 3: takesHints, 5: isWrongAndLeaves, 6: hasItDone, 7: rewinds },
  },
  'vlan-trunk': {
    how: 'past a machine that crashes, with two shells beside it',
    acts: { 3: hasItDone, 4: hasItDone, 6: losesMachine, 7: opensTwoShells, 8: hasItDone },
  },
  'lxc-veth': {
    how: 'in a shell for what has several lines, past a terminal that is closed, rewound to what can be saved',
    acts: { 2: hasItDone, 3: hasItDone, 4: opensShell, 5: hasItDone, 6: losesTerminal, 7: rewindsPastProcess },
  },
}

for (const [lab, { how, acts }] of Object.entries(plays)) {
  test(`a student plays ${lab} to its end, ${how}, and nothing is left of it`, async () => {
    const before = host.look()
    const steps = loadLab(join(labs, lab), assertions).lab?.variants[0]?.steps ?? []
    const left = new Map(Object.entries(acts))
    let terminal = open('learn', lab)
    for (let lesson = lessonAt(steps, 0); lesson; lesson = lessonAt(steps, steps.indexOf(lesson.step) + 1)) {
      await terminal.sees(heading(lesson), prompt(lesson))
      const act = left.get(String(lesson.number)) ?? types
      left.delete(String(lesson.number))
      terminal = (await act(studentAt(lab, lesson, terminal))) ?? terminal
    }
    assert.equal(left.size, 0)
    await terminal.sees(/That was the last step\.\r\n.*is still up/)
    assert.equal(await terminal.ended, 0)
    assert.match((await host.run(['down'])).output, /ended /)
    assert.deepEqual(whatIsNew(before, host.look()), [])
  })
}

test('what is learned outlives the machines, and a closed terminal leaves them up and named', async () => {
  const before = host.look()
  const closed = open('learn', 'bridge-veth', '--again')
  await closed.sees(/Step 1 of 7/, /host> /)
  closed.type('do\r')
  await closed.sees(/Step 2 of 7/, /host> /)
  closed.child.kill('SIGKILL')
  await closed.ended
  assert.match((await host.run(['ps'])).output, /up since .*\(host, container, neighbour\)/)
  await host.run(['down'])
  const back = open('learn', 'bridge-veth')
  await back.sees(/Step 2 of 7/, /host> /)
  back.type('ip netns list\r')
  await back.sees(/\ncontainer\r\n/)
  back.type(ctrlD)
  await back.sees(/goes on here/, /is still up/)
  assert.equal(await back.ended, 0)
  await host.run(['down'])
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('a mistake is found and mended in two shells, past a crash, and the lab tells that it is', async () => {
  const before = host.look()
  const says = async (words: readonly string[], wanted: RegExp) =>
    assert.match((await host.run(words)).output, wanted, words.join(' '))
  const broken = open('break', 'bridge-veth', '--level', '2', '--seed', '1')
  await broken.sees(/Something is wrong here/, /The same again: /)
  assert.equal(await broken.ended, 0)
  const shells = ['neighbour', 'host'].map((node) => open('shell', 'bridge-veth', node))
  for (const shell of shells) await shell.sees(/~# /)
  await says(['event', 'machine', 'host', 'crashed'], /machine host crashed/)
  for (const { ended } of shells) assert.notEqual(await ended, 0)
  await says(['verify'], /it is crashed/)
  await says(['rewind'], /Something is wrong here/)
  const [neighbour, owner] = [open('shell', 'bridge-veth', 'neighbour'), open('shell', 'bridge-veth', 'host')]
  await neighbour.sees(/neighbour@bridge-veth:~# /)
  neighbour.type('ping -c 1 -W 1 10.0.3.78\r')
  await neighbour.sees(/100% packet loss/, /~# /)
  await says(['hint'], /reached by nobody/)
  await owner.sees(/host@bridge-veth:~# /)
  owner.type('bridge link\r')
  await owner.sees(/veth0@.* master bridge0/, /~# /)
  owner.type('ip link set veth1 master bridge0\r')
  await owner.sees(/\n/, /~# /)
  neighbour.type('ping -c 1 -w 30 10.0.3.78\r')
  await neighbour.sees(/64 bytes from 10\.0\.3\.78/, /~# /)
  await says(['verify'], /It is mended/)
  for (const shell of [neighbour, owner]) {
    shell.type(ctrlD)
    assert.equal(await shell.ended, 0)
  }
  await says(['down'], /ended host/)
  assert.deepEqual(whatIsNew(before, host.look()), [])
})
