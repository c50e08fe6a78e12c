import type { Part } from '../cut.ts'
import { usageError } from '../errors.ts'
import type { ScopeTimes } from '../expected-time.ts'
import { ownCommand } from '../host/own-command.ts'
import { type AcceleratorWish, acceleratorWishes } from '../providers/accelerator.ts'
import type { Provider } from '../providers/provider.ts'
import type { HeldMachines } from '../watch/held-machines.ts'
import { type AutoWish, readAutoWish } from './auto-mutants.ts'
import { readProvider } from './choose-provider.ts'
import { labsOf, optionsLike, optionsToRecord, type RecordedRun, readRecordedRun } from './like-run.ts'
import { readArguments, readChoice, readCount, readSize } from './options.ts'
import { type ChosenEngine, readEngine } from './read-engine.ts'
import { readPart } from './read-part.ts'
import { readTimes } from './read-times.ts'
import { runOptions } from './run-options.ts'
import { type Choice, isChoice } from './select-labs.ts'
import { demandTerminal } from './shell-on-failure.ts'

/** What a command line asks for. */
export interface RunRequest {
  readonly kind: 'run' | 'mutate'
  readonly choice: Choice
  /** What would be run is printed. */
  readonly list: boolean
  readonly results: string | undefined
  readonly accelerator: AcceleratorWish
  readonly provider: Provider
  readonly images: readonly string[]
  readonly repeat: number
  readonly mutations: readonly string[] | undefined
  readonly auto: AutoWish | undefined
  readonly part: Part
  /** By which a run is cut into parts. */
  readonly times: ScopeTimes
  /** The run that is repeated. */
  readonly like: RecordedRun | undefined
  /** The options that another run would be repeated with. */
  readonly options: ReturnType<typeof optionsToRecord>
  /** Undefined when nobody says. */
  readonly jobs: number | undefined
  /** Where it is done, when that is not in this process. */
  readonly on: OnEngine | undefined
  readonly retries: number
  readonly maxFailures: number | undefined
  readonly roomBytes: number | undefined
  readonly shares: boolean
  readonly keep: boolean
  readonly observe: boolean
  readonly saveOnFailure: boolean
  readonly shellOnFailure: boolean
  readonly watch: boolean
  /** Where the machines of a watched run stay up. */
  readonly held?: HeldMachines
  readonly json: boolean
  readonly verbose: boolean
}

/** An engine, and what each part is called with. */
export interface OnEngine {
  readonly chosen: ChosenEngine
  readonly words: readonly string[]
  readonly cancelOnInterrupt: boolean
}

/**
 * Reads the arguments of a run or of mutations, or takes them of a recorded run where `--like` names one. Undefined when
 * only the help is asked for.
 * @throws WirelabError of kind usage
 */
export function readRequest(called: 'run' | 'mutate', args: readonly string[]): RunRequest | undefined {
  const { values: given, positionals } = readArguments(args, runOptions, ownCommand('run -- --help'))
  const like = given.like === undefined ? undefined : readRecordedRun(given.like)
  const values = like === undefined ? given : optionsLike(like, given)
  const { all, tag: tags = [], grep, list, results, mutation: mutations, keep, observe, watch, json, verbose } = values
  if (values.help) return undefined
  const kind = like?.kind ?? called
  if (called === 'mutate' && kind === 'run')
    throw usageError(`cannot mutate as ${given.like} did: that was a run`, ownCommand(`-- --like ${given.like}`))
  const names = like !== undefined && positionals.length === 0 ? labsOf(like) : positionals
  const choice = { names, all, tags, grep, lastFailed: values['last-failed'] }
  if (!isChoice(choice))
    throw usageError('cannot run nothing: no lab is named', `name a lab, or use --all; "${ownCommand('')}" lists them`)
  const accelerator = readChoice('accel', values.accel, acceleratorWishes)
  const provider = readProvider(values.provider)
  if (kind === 'run' && mutations)
    throw usageError('cannot run a mutation: --mutation belongs to mutate', ownCommand('mutate NAME -- --mutation …'))
  if (kind === 'mutate' && choice.lastFailed)
    throw usageError(
      'cannot tell which mutations failed last: --last-failed belongs to a run',
      ownCommand('-- --last-failed'),
    )
  if (kind === 'mutate' && values.repeat)
    throw usageError('cannot repeat mutations: --repeat belongs to a run', ownCommand('NAME -- --repeat N'))
  if (kind === 'run' && values['no-share'])
    throw usageError('cannot use --no-share here: it belongs to mutate', ownCommand('mutate NAME -- --no-share'))
  const images = [...new Set(values.image ?? [])]
  const path = images.find((name) => name.includes('/'))
  if (path !== undefined) throw usageError(`cannot read --image ${path}: expected the name of an image`)
  const repeat = readCount('repeat', values.repeat, 1)
  const part = readPart(values.part)
  if (values.times && part.of === 1 && values.on === undefined)
    throw usageError(
      'cannot use --times here: it belongs to --part and --on',
      ownCommand('-- --all --part N/M --times DIR'),
    )
  const times = readTimes(values.times ?? [])
  const auto = readAutoWish(kind, { ...values, isParted: part.of > 1 })
  const on = readOn(kind, values, [...names, ...(auto?.seed === undefined ? [] : ['--seed', `${auto.seed}`])])
  const jobs = values.jobs === undefined ? undefined : readCount('jobs', values.jobs, 1)
  const retries = readCount('retry-inconclusive', values['retry-inconclusive'], 1, 0)
  const roomBytes = readSize('keep-at-most', values['keep-at-most'])
  const most = values['max-failures'] ?? (values.x ? '1' : undefined)
  const maxFailures = most === undefined ? undefined : readCount('max-failures', most, 1)
  if (watch) refuseBeside({ mutate: kind === 'mutate', ...values })
  if (kind === 'mutate' && values['save-on-failure'])
    throw usageError('cannot save machines of mutations, which are to fail: --save-on-failure belongs to a run')
  const shellOnFailure = values['shell-on-failure']
  if (shellOnFailure) demandTerminal({ mutate: kind === 'mutate', ...values })
  return {
    ...{ kind, choice, list, results, accelerator, provider, images, repeat, mutations, auto, part, times, like },
    options: optionsToRecord(values, auto?.seed),
    shares: kind === 'mutate' && !values['no-share'] && !keep,
    ...{ jobs, on, retries, maxFailures, roomBytes, keep, observe, shellOnFailure, watch, json, verbose },
    saveOnFailure: values['save-on-failure'],
  }
}

/** The options that a part is told anew, or that are none of its matter. */
const ofWhole = ['on', 'parts', 'part', 'results', 'times', 'jobs', 'seed', 'list', 'all', 'cancel-on-interrupt']

/** What an engine is asked for; undefined when there is none. */
function readOn(kind: 'run' | 'mutate', values: Readonly<Record<string, unknown>>, words: readonly string[]) {
  const { on } = values
  const stray = ['parts', 'cancel-on-interrupt'].find((name) => values[name])
  if (typeof on !== 'string') {
    if (stray === undefined) return undefined
    throw usageError(`cannot use --${stray} here: it belongs to --on`, ownCommand(`-- --all --on slurm --${stray}`))
  }
  const ofOneRun = [
    'watch',
    'keep',
    'last-failed',
    'x',
    'max-failures',
    'part',
    'jobs',
    'json',
    'save-on-failure',
    'shell-on-failure',
  ]
  const others = ofOneRun.find((name) => values[name])
  if (others !== undefined) throw usageError(`cannot use --${others} with --on: the parts know nothing of each other`)
  const parts = typeof values['parts'] === 'string' ? readCount('parts', values['parts'], 1) : undefined
  const given = Object.entries(values).filter(([name, value]) => value && !ofWhole.includes(name))
  const options = given.flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().map((one) => `--${name}=${one}`),
  )
  return {
    chosen: readEngine(on, parts),
    words: [kind, ...(values['all'] ? ['--all'] : []), ...options, ...words],
    cancelOnInterrupt: values['cancel-on-interrupt'] === true,
  }
}

/** What says otherwise than a watch what is run, or how it ends. */
function refuseBeside(values: Readonly<Record<string, unknown>>): void {
  const others = ['mutate', 'like', 'list', 'keep', 'repeat', 'last-failed', 'results', 'part', 'json'] as const
  const other = others.find((name) => values[name] !== undefined && values[name] !== false)
  if (other === undefined) return
  const name = other === 'mutate' ? other : `--${other}`
  throw usageError(`cannot watch with ${name}: a watch runs labs, again and again, in a new results folder each time`)
}
