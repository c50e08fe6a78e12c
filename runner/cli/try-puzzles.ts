import { oneLine, plural, renderDuration } from '../../reports/text/plain-text.ts'
import { exitCodes, messageOf, usageError } from '../errors.ts'
import type { CaseFinished, RunEvent } from '../events.ts'
import type { Lab, Variant } from '../lab/lab.ts'
import type { Selection } from '../scopes.ts'
import { withWords } from '../steps/events/make-happen.ts'
import { ask, endSession } from '../workshop/ask.ts'
import { type LabPuzzle, puzzlesOf } from '../workshop/puzzle.ts'
import type { CommandContext } from './command.ts'
import { type HoldWish, startSession } from './start-session.ts'

/** How machines are run. */
type Machines = Pick<HoldWish, 'accelerator' | 'provider'>

/**
 * Tries the puzzles of labs, all or those of a level, in real machines, one after the other, and prints what came of each. Returns the exit code:
 * 1 when one of them is not noticed or not mended, or what is claimed does not hold without the mistake.
 */
export async function tryPuzzles(
  selections: readonly Selection[],
  level: number | undefined,
  machines: Machines,
  context: CommandContext,
): Promise<number> {
  const { stdout } = context
  let [sound, unsound] = [0, 0]
  const attempt = async (words: string, work: () => Promise<string>) => {
    const startedMs = performance.now()
    const said = await work().catch((error: unknown) => {
      context.signal.throwIfAborted()
      unsound++
      return `✗ ${messageOf(error)}`
    })
    stdout.write(`${words}: ${said} (${renderDuration(performance.now() - startedMs)})\n`)
  }
  for (const { lab, variant: only } of selections) {
    const puzzles = puzzlesOf(lab).filter(
      ({ variant, puzzle }) =>
        (only === undefined || variant === only) && (level === undefined || puzzle.level === level),
    )
    for (const variant of lab.variants) {
      const here = puzzles.filter((one) => one.variant === variant.name)
      const scope = `${lab.name}/${variant.name}`
      if (here.length > 0)
        await attempt(`${scope} without a mistake`, () => tryWhole(lab, variant, here, machines, context))
      for (const puzzle of here) {
        await attempt(`${scope} level ${puzzle.puzzle.level}, ${oneLine(puzzle.name)}`, async () => {
          const said = await tryPuzzle(lab, puzzle, machines, context)
          sound++
          return said
        })
      }
    }
  }
  if (sound + unsound === 0) throw usageError('cannot try puzzles: these labs have none')
  stdout.write(`${plural(sound, 'puzzle')} noticed and mended, ${unsound} not as they should be\n`)
  return unsound === 0 ? exitCodes.passed : exitCodes.failed
}

/** All that puzzles are judged by holds where nothing is wrong. */
async function tryWhole(
  lab: Lab,
  variant: Variant,
  puzzles: readonly LabPuzzle[],
  machines: Machines,
  context: CommandContext,
): Promise<string> {
  return inSession(lab, variant.name, machines, context, async (folder, verify) => {
    for (const until of [...new Set(puzzles.map(({ puzzle }) => puzzle.until))].sort((a, b) => a - b)) {
      const step = variant.steps.find(({ index }) => index === until)
      const done = await ask(folder, { ask: 'do', until: step?.id ?? step?.name }, context)
      const failures = await verify()
      if (done.broken !== undefined || failures.length > 0)
        throw usageError(`after "${step?.name}": ${done.broken ?? wordsOf(failures)}`)
    }
    return '✓'
  })
}

/** It is noticed, and then mended by what is said to mend it. */
async function tryPuzzle(
  lab: Lab,
  { variant, mutation, puzzle }: LabPuzzle,
  machines: Machines,
  context: CommandContext,
): Promise<string> {
  return inSession(lab, variant, machines, context, async (folder, verify) => {
    await ask(folder, { ask: 'pose', mutation }, context)
    const wrong = await verify('until one fails')
    const noticed = wrong.find(({ outcome }) => outcome === 'failed')
    if (noticed === undefined && wrong.length > 0)
      throw usageError(`whether it is noticed could not be told: ${wordsOf(wrong)}`)
    if (noticed === undefined) throw usageError('nobody notices it: nothing that is claimed there fails')
    for (const mend of puzzle.mend) {
      if ('event' in mend) {
        await ask(folder, { ask: 'event', words: withWords(mend.event).words }, context)
        continue
      }
      const { node, commands } = mend
      const printed: string[] = []
      const onOutput = (_stream: string, chunk: Buffer) => void printed.push(chunk.toString())
      const exec = { ask: 'exec', node, argv: ['bash', '-ec', commands] } as const
      const { exitCode } = await ask(folder, exec, { ...context, onOutput })
      if (exitCode !== 0)
        throw usageError(`what mends it fails on ${node} with ${exitCode}: ${oneLine(printed.join(''))}`)
    }
    const left = await verify()
    if (left.length > 0) throw usageError(`it is not mended: ${wordsOf(left)}`)
    return `✓ noticed by "${oneLine(noticed.case)}", mended`
  })
}

const wordsOf = (wrong: readonly CaseFinished[]): string =>
  wrong.map(({ case: name, outcome, found }) => oneLine(`${name}: ${outcome}, ${found}`)).join('; ')

/** Works with a lab that is up meanwhile; `verify` judges it, and returns what does not hold. */
async function inSession<T>(
  { file }: Lab,
  variant: string,
  machines: Machines,
  context: CommandContext,
  work: (folder: string, verify: (until?: 'until one fails') => Promise<readonly CaseFinished[]>) => Promise<T>,
): Promise<T> {
  const folder = await startSession({ name: `${file}/${variant}`, ...machines, colour: context.errorColour })
  const verify = async (until?: string) => {
    const wrong: CaseFinished[] = []
    const enough = new AbortController()
    const onEvent = (event: RunEvent) => {
      if (event.type !== 'case-finished' || event.outcome === 'passed') return
      wrong.push(event)
      if (until !== undefined && event.outcome === 'failed') enough.abort()
    }
    const signal = AbortSignal.any([context.signal, enough.signal])
    await ask(folder, { ask: 'verify' }, { signal, onEvent }).catch((error: unknown) => {
      if (!enough.signal.aborted) throw error
    })
    return wrong
  }
  try {
    await ask(folder, { ask: 'up' }, context)
    return await work(folder, verify)
  } finally {
    await endSession(folder, new AbortController().signal).catch(() => {})
  }
}
