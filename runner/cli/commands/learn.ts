import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { plainMessage } from '../../../reports/text/plain-text.ts'
import { messageOf, usageError, WirelabError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Lab, Variant } from '../../lab/lab.ts'
import { providerNames } from '../../providers/index.ts'
import { ask, endSession } from '../../workshop/ask.ts'
import { keepLearned, learnedFile, readLearned } from '../../workshop/learned.ts'
import { answerOf, hintsOf, type Lesson, lessonAt, whereToGoOn } from '../../workshop/lesson.ts'
import type { Request } from '../../workshop/protocol.ts'
import { listSessions, nameOf } from '../../workshop/records.ts'
import type { Done } from '../../workshop/session-state.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen } from '../session-client.ts'
import { startSession } from '../start-session.ts'

const help = `Usage: ${ownCommand('learn NAME[/VARIANT] [-- OPTIONS]')}

Leads through a lab step by step: why, a question, and then it is your turn. What you type runs on the step's node;
"check" judges it as "verify" does, "hint" helps twice, "answer" shows the commands, "do" does the step for you.
Whoever leaves comes back to where he was, also when the machines are gone meanwhile. They stay until "down".

Options:
  --again               begin at the first step, in fresh machines
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
`

/** Its options, as parseArgs takes them. */
export const options = {
  again: { type: 'boolean', default: false },
  accel: { type: 'string' },
  provider: { type: 'string' },
} as const

/** Somebody who learns. */
interface Learner {
  readonly lab: Lab
  readonly variant: Variant
  /** The session's. */
  readonly folder: string
  readonly context: CommandContext
  readonly keyboard: Interface
  /** How many steps are done and checked. */
  done: number
  /** The step that comes next counts as done, and is not yet checked. */
  isCounted: boolean
  hints: number
  /** On which what is typed runs. */
  node: string
  /** Interrupts what is going on. */
  running: AbortController | undefined
}

/** `npm run lab learn NAME`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal } = context
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot learn: expected one lab', help)
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  const lab = selection?.lab
  const variant = lab?.variants.find((one) => selection?.variant === undefined || one.name === selection.variant)
  if (!lab || !variant) throw usageError(`cannot learn ${name}: it is no lab`)
  const file = learnedFile({ lab: lab.name, variant: variant.name })
  if (values.again) keepLearned(file, undefined)
  const { folder, done, isCounted } = await comeBack(lab, variant, file, values, context)
  const keyboard = createInterface({ input: process.stdin, output: stdout, terminal: process.stdin.isTTY === true })
  const learner: Learner = {
    ...{ lab, variant, folder, context, keyboard, done, isCounted, hints: 0, node: '', running: undefined },
  }
  const leave = () => keyboard.close()
  keyboard.on('SIGINT', () => (learner.running === undefined ? leave() : learner.running.abort()))
  signal.addEventListener('abort', leave, { once: true })
  try {
    const isAtEnd = await lead(learner, file)
    signal.throwIfAborted()
    stdout.write(isAtEnd ? 'That was the last step.\n' : `\n${ownCommand(`learn ${name}`)} goes on here.\n`)
    stdout.write(`${nameOf({ lab: lab.name, variant: variant.name })} is still up; ${ownCommand('down')} ends it.\n`)
    return 0
  } finally {
    keyboard.close()
  }
}

/** The lab's session, a new one where none is up, in which the steps are done that were learned before. */
async function comeBack(
  lab: Lab,
  variant: Variant,
  file: string,
  {
    again,
    accel: accelerator,
    provider,
  }: { again: boolean; accel?: string | undefined; provider?: string | undefined },
  context: CommandContext,
) {
  const { signal, stdout, errorColour } = context
  const kept = readLearned(file)
  const isSame = kept?.file === lab.file && variant.steps[kept.done - 1]?.name === kept.last
  const learned = isSame ? kept.done : 0
  if (kept !== undefined && !isSame) stdout.write('The lab was changed since; it begins anew.\n')
  const session = listSessions().find((one) => one.file === lab.file && one.variant === variant.name)
  if (session !== undefined && again) await endSession(session.folder, signal)
  const onEvent = createSessionScreen(context, { heading: true })
  const isUp = session !== undefined && !again
  const name = `${lab.file}/${variant.name}`
  const folder = isUp ? session.folder : await startSession({ name, accelerator, provider, colour: errorColour })
  let { progress } = await ask(folder, { ask: 'up' }, { signal, onEvent })
  if (progress.puzzle !== undefined)
    throw usageError(`cannot learn ${lab.name}: it is up as a puzzle`, `${ownCommand('down')} ends it`)
  while (progress.done < learned) {
    const done = await ask(folder, { ask: 'do' }, { signal, onEvent })
    if (done.broken !== undefined)
      throw usageError(`cannot go on: ${done.broken}`, `begin with ${ownCommand(`learn ${lab.name} -- --again`)}`)
    progress = done.progress
  }
  return { folder, ...whereToGoOn(variant.steps, learned, progress.done) }
}

/** Leads from lesson to lesson until none is left, which it returns, or the keyboard is closed. */
async function lead(learner: Learner, file: string): Promise<boolean> {
  const { variant, keyboard, context } = learner
  const lines = keyboard[Symbol.asyncIterator]()
  let isClosed = false
  keyboard.once('close', () => {
    isClosed = true
  })
  for (;;) {
    const lesson = lessonAt(variant.steps, learner.done)
    if (lesson === undefined) {
      keepLearned(file, undefined)
      return true
    }
    begin(lesson, learner)
    while (lessonAt(variant.steps, learner.done)?.step === lesson.step) {
      keyboard.setPrompt(`${learner.node}> `)
      // What was piped in is read to its end.
      if (!isClosed) keyboard.prompt()
      const { value, done } = await lines.next()
      const line = String(value ?? '').trim()
      if (done || context.signal.aborted || line === 'quit') return false
      if (line === '') continue
      learner.running = new AbortController()
      try {
        await obey(line, lesson, learner)
      } catch (error) {
        if (context.signal.aborted) return false
        if (!listSessions().some(({ folder }) => folder === learner.folder)) throw error
        if (!learner.running.signal.aborted) context.stdout.write(`${plainMessage(renderTrouble(error))}\n`)
      } finally {
        learner.running = undefined
      }
      const last = variant.steps[learner.done - 1]?.name
      keepLearned(file, { file: learner.lab.file, done: learner.done, last })
    }
  }
}

const renderTrouble = (error: unknown) =>
  error instanceof WirelabError && error.remedy !== undefined ? `${error.message}\n${error.remedy}` : messageOf(error)

const words = 'check, hint, answer, do, rewind, shell [NODE], on NODE, event WORDS, quit'

/** Says what the next step is about, and what to think of before it is done. */
function begin({ step, number, of, questions, notTypable }: Lesson, learner: Learner): void {
  const { variant, context, isCounted } = learner
  learner.hints = 0
  learner.node = step.node ?? variant.nodes[0]?.name ?? ''
  const lines = [
    '',
    `Step ${number} of ${of}: ${step.name}${step.node === undefined ? '' : `  (on ${step.node})`}`,
    ...(step.why === undefined ? [] : [step.why.trim()]),
    ...questions.map((question) => `? ${question}`),
    isCounted
      ? 'It is done already: "check" judges it.'
      : notTypable === undefined
        ? 'Your turn: type its commands, then "check".'
        : `This one is done for you (${notTypable}): type "do".`,
    `(${words})`,
  ]
  context.stdout.write(plainMessage(`${lines.join('\n')}\n`))
}

/** Does what a line says: one of the words, or a command for the node. */
async function obey(line: string, lesson: Lesson, learner: Learner): Promise<void> {
  const { context } = learner
  const { stdout } = context
  const [word = '', ...rest] = line.split(/\s+/)
  if (line === 'check') return check(lesson, learner)
  if (line === 'do') return doIt(lesson, learner)
  if (line === 'rewind') return rewind(learner)
  if (line === 'hint') {
    const hints = hintsOf(lesson.step)
    stdout.write(plainMessage(`${hints[Math.min(learner.hints++, 1)]}\n`))
  } else if (line === 'answer') {
    for (const each of answerOf(lesson.step)) stdout.write(plainMessage(`  ${each}\n`))
  } else if (word === 'on' && rest.length === 1) {
    learner.node = demandNode(rest[0], learner)
  } else if (word === 'shell' && rest.length < 2) {
    await openShell(demandNode(rest[0] ?? learner.node, learner), learner)
  } else if (word === 'event') {
    await askFor({ ask: 'event', words: rest.join(' ') }, learner)
  } else {
    await askFor({ ask: 'exec', node: learner.node, argv: ['bash', '-c', line] }, learner)
  }
}

/** Brings the machines back as the step before this one left them. */
async function rewind(learner: Learner): Promise<void> {
  const last = learner.variant.steps[learner.done - 1]?.name
  const { again } = await askFor(
    { ask: 'rewind', ...(last === undefined ? { toBegin: true } : { step: last }) },
    learner,
  )
  learner.isCounted = false
  learner.context.stdout.write(
    plainMessage(
      `The machines are as the step before left them.${again === undefined ? '' : ` It was done again: ${again}`}\n`,
    ),
  )
}

function demandNode(name: string | undefined, { variant }: Learner): string {
  const names = variant.nodes.map((node) => node.name)
  if (name !== undefined && names.includes(name)) return name
  throw usageError(`cannot find node ${name}: the nodes are ${names.join(', ')}`)
}

/** Asks the session. What is interrupted ends by itself. */
const askFor = <R extends Request>(request: R, { folder, context, running }: Learner) =>
  ask(folder, request, {
    signal: AbortSignal.any([context.signal, ...(running === undefined ? [] : [running.signal])]),
    // What changes the lab is done to its end, and waited for.
    interrupted: () => request.ask !== 'verify' && !context.signal.aborted,
    onEvent: createSessionScreen(context, { verbose: true }),
    onOutput: (_stream, chunk) => void context.stdout.write(chunk),
  })

/** Judges the step, which counts as done from then on. */
async function check(lesson: Lesson, learner: Learner): Promise<void> {
  const { stdout } = learner.context
  if (!learner.isCounted && lesson.notTypable !== undefined)
    throw usageError(`cannot check it: it is not done yet (${lesson.notTypable})`, 'type "do"')
  if (!learner.isCounted) await askFor({ ask: 'do', byHand: true }, learner)
  learner.isCounted = true
  if (lesson.questions.length === 0) stdout.write('Nothing is claimed of it yet: later steps will tell.\n')
  const done = lesson.questions.length === 0 ? undefined : await askFor({ ask: 'verify' }, learner)
  if (done === undefined || done.outcome === 'passed') return goOn(lesson, learner)
  stdout.write('Not yet: mend it and "check" again.\n')
}

/** Does the step for whoever learns. */
async function doIt(lesson: Lesson, learner: Learner): Promise<void> {
  const { stdout } = learner.context
  if (learner.isCounted) throw usageError('cannot do it: it is done already', '"check" judges it')
  const done: Done = await askFor({ ask: 'do', verify: lesson.notTypable !== undefined }, learner)
  if (done.broken !== undefined) throw usageError(done.broken, 'mend it by hand, and "check"')
  learner.isCounted = true
  if (lesson.questions.length === 0) goOn(lesson, learner)
  else stdout.write('Done. What do you expect? "check" tells.\n')
}

function goOn({ step }: Lesson, learner: Learner): void {
  learner.done = learner.variant.steps.indexOf(step) + 1
  learner.isCounted = false
}

/** Gives a shell until it ends; the keyboard is its own meanwhile. */
async function openShell(node: string, { lab, variant, keyboard }: Learner): Promise<void> {
  const isTerminal = process.stdin.isTTY === true
  keyboard.pause()
  if (isTerminal) process.stdin.setRawMode(false)
  const words = ['shell', nameOf({ lab: lab.name, variant: variant.name }), node]
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...words], { stdio: 'inherit' })
  await once(child, 'exit')
  if (isTerminal) process.stdin.setRawMode(true)
  keyboard.resume()
}
