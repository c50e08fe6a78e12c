import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { renderEvent } from '../../../reports/run/json-lines.ts'
import { summarise } from '../../../reports/run/summary.ts'
import { createTerminalReporter } from '../../../reports/terminal/terminal.ts'
import { exitCodes } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { freeMemoryMiB } from '../../host/free-memory.ts'
import { npmTakesOptions, ownCommand } from '../../host/own-command.ts'
import { readScopeTimes, rememberScopeTimes } from '../../host/scope-times.ts'
import { renderWarnings } from '../../lab/text/diagnostics.ts'
import { listAllKept, providerNames } from '../../providers/index.ts'
import type { KeptLab } from '../../providers/provider.ts'
import type { ReadyProvider } from '../../providers/ready-provider.ts'
import { exitCodeOf, type Outcome } from '../../result.ts'
import { runScopes } from '../../run.ts'
import type { RunOptions } from '../../run-scope.ts'
import type { Scope } from '../../scopes.ts'
import { watchLabs } from '../../watch/watch-labs.ts'
import { chooseMutants, renderMutants } from '../auto-mutants.ts'
import { type ChosenScopes, chooseScopes } from '../choose-scopes.ts'
import type { CommandContext } from '../command.ts'
import { defaultJobs } from '../default-jobs.ts'
import { reportToGithub } from '../github.ts'
import { differencesNow, renderDifferences } from '../like-run.ts'
import { prepareMachines } from '../prepare-machines.ts'
import { type ProvidedImages, provideImages } from '../provide-images.ts'
import { type RunRequest, readRequest } from '../read-request.ts'
import { type RunRecord, recordRun } from '../record-run.ts'
import { renderClosing } from '../render-closing.ts'
import { renderScopes } from '../render-scopes.ts'
import { runOn } from '../run-on.ts'
import { saveOnFailure } from '../save-on-failure.ts'
import { scopeTimesIn } from '../scope-times-in.ts'
import { labFilesOf, selectLabs } from '../select-labs.ts'
import { shellOnFailure } from '../shell-on-failure.ts'
import { warningsOf } from '../warn-of-lacks.ts'

const help = `Usage: ${ownCommand('NAME... [-- OPTIONS]')}
       ${ownCommand('mutate NAME... [-- OPTIONS]')}

NAME is a lab's name, or a path to a lab file or its folder; NAME/variant is one variant of it.

Options${npmTakesOptions ? ' (after "--", or npm takes them for its own)' : ''}:
  --all                 every lab in labs/ here, or that wirelab ships where there is none
  --tag TAG             of the labs named, or of all, those with this tag; can be given more than once
  --grep PATTERN        variants of which "lab/variant: title" matches this regular expression
  --last-failed         variants of which something failed, or broke, in the run at results/latest (run)
  --list                print what would be run, and run nothing; with --auto the mutants
  -x, --max-failures N  begin no further variant or mutation once N have failed; -x: once one has
  --results DIR         where to leave the results (default: results/<time>-<id>)
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
  --image NAME          the image that machines boot, in place of what a lab says (not of what a node says); given more
                        than once, everything runs on each, and the report says which claims differ. One that is not
                        there is built. NAME+PACKAGE adds one of Debian's packages
  --repeat N            run everything N times
  --mutation NAME       of the lab's mutations make this one only; can be given more than once (mutate)
  --auto                make mutants by machine in place of the declared mutations: leave out each step and each command,
                        swap addresses, change numbers, modes, switches and timers. One that no claim notices is a
                        survivor, and a failure unless the lab explains it under "survives" (mutate)
  --sample N            of the mutants try N (with --auto)
  --seed S              choose them by this number; a random one is taken, and printed, when it is left out
  --no-share            do the steps before each mistake anew; without it they are done and judged once for all mutations
                        that have them in common, which then go on in copies of those machines, where that is the same
                        (mutate)
  --like FILE           what the run of this manifest.json did: its labs, options, seed and accelerator; what differs now
                        is told. Options that are given beside it go before those of the manifest
  --part N/M            only the Nth of M parts that are expected to take about as long, to split a run over M machines;
                        "merge" joins them. In a job of GitLab, CircleCI, Buildkite or a Slurm array "auto" finds N and
                        M, in an indexed job of Kubernetes "auto/M" finds N
  --times DIR           expect variants to take as long as in these results, which must be the same for all parts; can be
                        given more than once (with --part and --on; default: by what a lab is made of, and with --on by how
                        long it took before)
  --on ENGINE           do the parts of the run elsewhere, and join what they did: on "slurm", as a job array, or in
                        processes of this host ("local"). Settings are in ENGINE.yaml, or in FILE with ENGINE:FILE. The
                        parts go on when this command ends; "attach" follows them again
  --parts M             cut the run into M parts (with --on; default: parts of ten minutes, or one for each processor)
  --cancel-on-interrupt Ctrl-C ends the parts (with --on; without it they go on)
  --jobs N              run N variants at once, those that took longest before first, and fewer after one that could
                        not be told, as on a busy host; while one waits, others work, and while one measures time, or has
                        protocols that give up early, no other starts machines
                        (default: two for each processor, and three mutations; of those that measure time three for two
                        processors, because emulated machines make each other late, and two for each with KVM; at most
                        8, and one for each 512 MiB of free memory)
  --retry-inconclusive N
                        try a variant with inconclusive cases again, alone, N times at most (default: 1; 0: never);
                        what failed stands
  --keep-at-most SIZE   of what the machines of a variant print and send keep so much, and a quarter of it in one file
                        (default: 1GB); what is cut is said, and judged by nothing that it could change
  --watch               run again whenever a file of the lab is saved, until Ctrl-C (run). Of a single variant a run halts
                        at the first step of which a claim fails, and the next goes on in its machines, from the first
                        step that changed, where nothing was done yet that would now be done otherwise; else it begins
                        anew, and says why
  --observe             ask the machines for their network after each step, but not while something is measured; the
                        report and handouts draw it
  --save-on-failure     where the first claim of a variant fails, save its machines in the results, of five variants at
                        the most; "open" brings them back (run)
  --shell-on-failure    where a claim fails, stop with a shell on the node that was asked (run); the rest of that variant
                        is skipped then
  --keep                leave the machines up (see: ${ownCommand('ps')})
  --json                print the events as JSON lines instead of the report
  --verbose             show more of what the steps print
  -h, --help            this text
`

/** `npm run lab NAME...`. Returns the exit code. */
export const runCommand = (args: readonly string[], context: CommandContext): Promise<number> =>
  runLabs('run', args, context)

/** `npm run lab mutate NAME...`. Returns the exit code. */
export const mutateCommand = (args: readonly string[], context: CommandContext): Promise<number> =>
  runLabs('mutate', args, context)

async function runLabs(kind: 'run' | 'mutate', args: readonly string[], context: CommandContext): Promise<number> {
  const request = readRequest(kind, args)
  if (request === undefined) {
    context.stdout.write(help)
    return 0
  }
  if (request.auto?.list) return listMutants(request, context)
  if (!request.list && !request.on) request.provider.lookAhead?.()
  if (request.watch) return watchRuns(request, context)
  const chosen = chooseScopes(request, context.errorColour)
  if (request.list) {
    context.stdout.write(renderScopes(chosen.scopes, request))
    return exitCodes.passed
  }
  if (request.on) return runOn({ ...request, ...request.on, scopes: chosen.scopes }, context)
  return runOnce(chosen, request, context)
}

/** Runs what is chosen again and again, until the signal is aborted. Returns its exit code. */
function watchRuns(request: RunRequest, context: CommandContext): Promise<number> {
  const once = { ...request, retries: 0 }
  return watchLabs(
    {
      files: () => labFilesOf(request.choice),
      scopes: () => chooseScopes(request, context.errorColour).scopes,
      run: (scopes, signal, held) => runOnce({ scopes }, { ...once, ...(held && { held }) }, { ...context, signal }),
    },
    context,
  )
}

/** Runs what is chosen, and records it. Returns the exit code. */
async function runOnce(
  { scopes, mutants, part }: ChosenScopes,
  request: RunRequest,
  context: CommandContext,
): Promise<number> {
  const images = await provideImages(scopes, { ...context, stream: request.json ? context.stderr : context.stdout })
  for (const image of new Set(scopes.map((scope) => scope.image))) {
    const labs = new Set(scopes.filter((scope) => scope.image === image).map(({ lab }) => lab))
    context.stderr.write(renderWarnings(await warningsOf(labs, image), context.errorColour))
  }
  const [startedAt, startedMs] = [new Date(), performance.now()]
  let record: RunRecord | undefined
  const onProgress = (message: string) => record?.emit({ type: 'progress', message })
  const { provider, ...made } = await prepareMachines(request, images, context.signal, onProgress)
  if (request.like) context.stderr.write(renderDifferences(differencesNow(request.like, scopes, made)))
  record = recordRun(
    {
      kind: request.kind,
      scopes,
      ...made,
      options: request.options,
      startedAt,
      startedMs,
      ...(mutants === undefined ? {} : { mutants }),
      ...(part === undefined ? {} : { part }),
    },
    {
      results: request.results,
      watch: (folder) => makeScreen(folder, request, context),
      tell: (problem) => context.stderr.write(problem),
    },
  )
  try {
    return await execute(scopes, { provider, imagesOf: images.imagesOf }, record, request, context)
  } finally {
    const summary = summarise(record.events)
    reportToGithub(summary, context, { annotate: !request.json })
    if (!request.json) {
      const kept = request.keep ? (await listAllKept()).filter((lab) => isOf(lab, scopes)) : []
      const isDrawn = existsSync(join(record.folder, 'report.html'))
      context.stdout.write(renderClosing(summary, shownPath(record.folder), kept, { isDrawn }))
    }
  }
}

const isOf = (kept: KeptLab, scopes: readonly Scope[]) =>
  scopes.some(({ lab, variant }) => kept.lab === lab.name && kept.variant === variant.name)

/** Prints the mutants of what is named. Returns the exit code. */
function listMutants({ choice, mutations, auto }: RunRequest, { stdout, errorColour }: CommandContext): number {
  stdout.write(renderMutants(chooseMutants(selectLabs(choice, errorColour), mutations, auto ?? {}).mutants))
  return exitCodes.passed
}

const makeScreen = (
  folder: string,
  { json, verbose, shellOnFailure: opensShell }: RunRequest,
  { stdout, colour, interactive }: CommandContext,
) =>
  json
    ? (event: RunEvent) => void stdout.write(renderEvent(event))
    : createTerminalReporter(stdout, {
        colour,
        // Nothing is drawn over a shell.
        interactive: interactive && !opensShell,
        columns: stdout.columns ?? 100,
        verbose,
        results: shownPath(folder),
      })

const shownPath = (folder: string) => relative(process.cwd(), folder) || folder

/** Runs the scopes and ends the record, whatever happens. Returns the exit code. */
async function execute(
  scopes: readonly Scope[],
  { provider, imagesOf }: Pick<ProvidedImages, 'imagesOf'> & { readonly provider: ReadyProvider },
  { folder, events, emit, finish }: RunRecord,
  {
    kind,
    jobs: wishedJobs,
    retries,
    roomBytes,
    maxFailures,
    shares,
    keep,
    observe,
    held,
    saveOnFailure: saves,
    shellOnFailure: opensShell,
  }: RunRequest,
  context: CommandContext,
): Promise<number> {
  const { signal, signalExitCode } = context
  const tell = (line: string) => void context.stderr.write(`${line}\n`)
  const onFailure = [
    ...(saves ? [saveOnFailure(folder, provider.madeWith.accelerator, tell)] : []),
    ...(opensShell ? [shellOnFailure(context)] : []),
  ]
  const jobs = opensShell ? 1 : wishedJobs
  const limits = {
    // A claim that fails after a pause proves nothing, and those of trials are to fail: they make each other none.
    startsAtOnce: kind === 'mutate' ? 1 : availableParallelism(),
    ...(opensShell ? { haltAtFailure: true } : {}),
    ...(onFailure.length > 0 ? { onFailure: inOrder(onFailure) } : {}),
    ...(roomBytes === undefined ? {} : { roomBytes }),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(held === undefined ? {} : { held }),
  }
  let outcome: Outcome
  try {
    const bounds = { ...(jobs === undefined ? jobsBy(provider, kind) : { jobs }), retries, shares, ...limits }
    outcome = await runScopes(scopes, {
      ...{ provider, imagesOf, results: folder, ...bounds, times: readScopeTimes(), keep, observe, signal, emit },
    })
  } catch (error) {
    const broken = signal.aborted ? signalExitCode() : exitCodes.machinery
    // A fault hides no failure. What it was is known already.
    if (signal.aborted && broken === exitCodes.machinery && summarise(events).counts.failed > 0)
      return finish('error', exitCodes.failed)
    await finish('error', broken)
    throw error
  } finally {
    rememberScopeTimes(scopeTimesIn(events))
  }
  const begun = new Set(events.map((event) => (event.type === 'scope-started' ? event.scope : undefined)))
  const isWhole = scopes.every(({ name }) => begun.has(name))
  return finish(outcome, exitCodeOf(outcome), isWhole || maxFailures === undefined ? {} : { maxFailures })
}

const inOrder =
  (all: readonly NonNullable<RunOptions['onFailure']>[]): NonNullable<RunOptions['onFailure']> =>
  async (...failure) => {
    for (const one of all) await one(...failure)
  }

const jobsBy = ({ madeWith: { accelerator } }: ReadyProvider, kind: 'run' | 'mutate') =>
  defaultJobs({ processors: availableParallelism(), freeMiB: freeMemoryMiB(), accelerator, kind })
