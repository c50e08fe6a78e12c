import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, relative } from 'node:path'
import { renderEvent } from '../../../reports/run/json-lines.ts'
import { fanOut } from '../../../reports/run/multiplexer.ts'
import { createTerminalReporter } from '../../../reports/terminal/terminal.ts'
import { exitCodes, messageOf, usageError } from '../../errors.ts'
import { type EventSink, eventsVersion, type NewEvent, type RunEvent } from '../../events.ts'
import { makeResultsFolder } from '../../host/results-folder.ts'
import { openImage } from '../../image/image.ts'
import { acceleratorWishes } from '../../providers/accelerator.ts'
import { providerNames } from '../../providers/index.ts'
import { surroundingsOf } from '../../providers/made-with.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { exitCodeOf } from '../../result.ts'
import { runScopes } from '../../run.ts'
import { type Scope, scopesOfPart, scopesToMutate, scopesToRun } from '../../scopes.ts'
import { readProvider } from '../choose-provider.ts'
import type { CommandContext } from '../command.ts'
import { drawReports } from '../draw-reports.ts'
import { reportToGithub } from '../github.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments, readChoice, readCount, readPart } from '../options.ts'

const help = `Usage: npm run lab NAME... [-- OPTIONS]
       npm run lab mutate NAME... [-- OPTIONS]

NAME is a lab's name, name/variant, or a path to a lab file or its folder.

Options (after "--", or npm takes them for its own):
  --all                 every lab that wirelab ships
  --results DIR         where to leave the results (default: results/<time>-<id>)
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
  --repeat N            run everything N times
  --mutation NAME       of the lab's mutations make this one only; can be given more than once (mutate)
  --part N/M            only every Mth variant or mutation from the Nth, to split a run over M machines; "merge" joins them
  --jobs N              run N variants at once (default: one a processor, 4 at most); while one measures time,
                        no other starts machines
  --keep                leave the machines up (see: npm run lab ps)
  --json                print the events as JSON lines instead of the report
  --verbose             show more of what the steps print
  -h, --help            this text
`

const options = {
  all: { type: 'boolean', default: false },
  results: { type: 'string' },
  accel: { type: 'string' },
  provider: { type: 'string' },
  repeat: { type: 'string' },
  mutation: { type: 'string', multiple: true },
  part: { type: 'string' },
  jobs: { type: 'string' },
  keep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** `npm run lab NAME...` and `npm run lab mutate NAME...`. Returns the exit code. */
export async function runCommand(
  kind: 'run' | 'mutate',
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { values, positionals } = readArguments(args, options, 'npm run lab run -- --help')
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  if (positionals.length === 0 && !values.all)
    throw usageError('cannot run nothing: no lab is named', 'name a lab, or use --all; "npm run lab" lists them')
  const accelerator = readChoice('accel', values.accel, acceleratorWishes)
  const chosenProvider = readProvider(values.provider)
  if (kind === 'run' && values.mutation)
    throw usageError('cannot run a mutation: --mutation belongs to mutate', 'npm run lab mutate NAME -- --mutation …')
  if (kind === 'mutate' && values.repeat)
    throw usageError('cannot repeat mutations: --repeat belongs to a run', 'npm run lab NAME -- --repeat N')
  const repeat = readCount('repeat', values.repeat, 1)
  const part = readPart(values.part)
  const jobs = readCount('jobs', values.jobs, Math.min(cpus().length, 4))
  const selections = loadLabs(positionals, { all: values.all, colour: context.errorColour })
  const whole = kind === 'run' ? scopesToRun(selections, repeat) : scopesToMutate(selections, values.mutation)
  if (whole.length === 0) throw usageError('cannot mutate: no mutation is declared for what is named')
  const scopes = scopesOfPart(whole, part)
  if (scopes.length === 0) throw usageError(`cannot run part ${values.part}: there are ${whole.length} to part`)

  const startedMs = performance.now()
  const startedAt = new Date()
  const image = await openImage()
  const { keep } = values
  const { signal } = context
  const onProgress = (message: string) => emit({ type: 'progress', message })
  const provider = await readyProvider(chosenProvider, { image, accelerator, keep, signal, onProgress })
  const surroundings = surroundingsOf(image, provider)
  const results = makeResultsFolder(values.results, startedAt)
  const shown = relative(process.cwd(), results.path) || results.path
  const events: RunEvent[] = []
  const screen: EventSink = values.json
    ? (event) => context.stdout.write(renderEvent(event))
    : createTerminalReporter(context.stdout, {
        colour: context.colour,
        interactive: context.interactive,
        columns: context.stdout.columns ?? 100,
        verbose: values.verbose,
        results: shown,
      })
  const sink = fanOut(
    [(event) => events.push(event), (event) => results.addEvent(renderEvent(event)), screen],
    (error) => context.stderr.write(`a reporter broke: ${messageOf(error)}\n`),
  )
  const emit = (event: NewEvent) =>
    sink({ ...event, at: Math.round((performance.now() - startedMs) * 10) / 10 } as RunEvent)
  writeManifest(results.path, { run: results.run, startedAt, surroundings, scopes, packages: image.manifest.packages })

  emit({
    type: 'run-started',
    version: eventsVersion,
    run: results.run,
    startedAt: startedAt.toISOString(),
    kind,
    surroundings,
    scopes: scopes.map(({ name, lab, variant }) => ({ scope: name, lab: lab.name, variant: variant.name })),
  })
  try {
    const outcome = await runScopes(scopes, {
      provider,
      results: results.path,
      jobs,
      keep,
      signal,
      emit,
    })
    const exitCode = exitCodeOf(outcome)
    emit({ type: 'run-finished', outcome, exitCode, durationMs: performance.now() - startedMs })
    return exitCode
  } catch (error) {
    const exitCode = context.signal.aborted ? context.signalExitCode() : exitCodes.machinery
    emit({ type: 'run-finished', outcome: 'error', exitCode, durationMs: performance.now() - startedMs })
    throw error
  } finally {
    results.close()
    await drawReports(results.path, events, (problem) => context.stderr.write(problem))
    reportToGithub(events, context, { annotate: !values.json })
    if (!values.json) context.stdout.write(`Results: ${shown}\n`)
  }
}

function writeManifest(
  folder: string,
  {
    scopes,
    ...rest
  }: { run: string; startedAt: Date; surroundings: object; scopes: readonly Scope[]; packages: object },
): void {
  const labs = scopes.map(({ name, lab }) => ({ scope: name, file: lab.file }))
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify({ ...rest, labs }, null, 2)}\n`)
}
