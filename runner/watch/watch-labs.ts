import { plainMessage } from '../../reports/text/plain-text.ts'
import { messageOf, WirelabError, withRemedy } from '../errors.ts'
import type { Scope } from '../scopes.ts'
import { type HeldMachines, holdMachines } from './held-machines.ts'
import { filesOf, type WatchedFiles, watchFiles } from './watched-files.ts'
import { whereToGoOn } from './where-to-go-on.ts'

/** What is run again and again. */
export interface WatchedRun {
  /** The lab files and those in which there are mistakes, as absolute paths. */
  files(): readonly string[]
  /** Reads them. @throws WirelabError of kind usage for their mistakes */
  scopes(): readonly Scope[]
  /** Runs these to their end. `held` has the machines, where they are of one scope. @throws the signal's reason */
  run(scopes: readonly Scope[], signal: AbortSignal, held: HeldMachines | undefined): Promise<unknown>
}

/** Where a watch is told of, and what ends it. */
export interface WatchContext {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly signal: AbortSignal
  signalExitCode(): number
}

/**
 * Runs labs, and again whenever their files are saved, until the signal is aborted. A single scope goes on in its
 * machines where that is honest. Returns the exit code of the signal.
 */
export async function watchLabs(watched: WatchedRun, context: WatchContext): Promise<number> {
  const { stdout, stderr, signal, signalExitCode } = context
  const files = watchFiles()
  const held = holdMachines()
  const say = (words: string) => void stdout.write(`\n${words}\n`)
  try {
    files.watch(watched.files())
    while (!signal.aborted) {
      const isSaved = await untilBroken(stderr, signal, async () => {
        const scopes = scopesOf(watched, files)
        files.watch([...new Set(scopes.flatMap(({ lab }) => filesOf(lab)))])
        if (!(await isToRun(scopes, held, say))) return false
        return runUntilChanged(watched, scopes, { files, held, say, signal })
      })
      if (isSaved) continue
      if (signal.aborted) break
      say('Waiting for a file of the lab to be saved; Ctrl-C ends it.')
      await files.changed(signal).catch((error) => {
        if (!signal.aborted) throw error
      })
    }
  } finally {
    files.close()
    await held.end()
  }
  return signalExitCode()
}

/** Reads the labs; where a mistake is in a file that is not known yet, this is watched too. */
function scopesOf(watched: WatchedRun, files: WatchedFiles): readonly Scope[] {
  try {
    return watched.scopes()
  } catch (error) {
    files.watch([...files.watched(), ...watched.files()])
    throw error
  }
}

/** A mistake in a lab, or a host that can't, ends no watch: it is shown. Returns false then. */
async function untilBroken(stderr: NodeJS.WritableStream, signal: AbortSignal, act: () => Promise<boolean>) {
  try {
    return await act()
  } catch (error) {
    if (!signal.aborted && !(error instanceof WirelabError)) throw error
    if (!signal.aborted) stderr.write(`${plainMessage(withRemedy(error)).trimEnd()}\n`)
    return false
  }
}

/** Says where a run begins and why, and ends the machines that it is not to go on in. Returns whether there is one. */
async function isToRun(scopes: readonly Scope[], held: HeldMachines, say: (words: string) => void): Promise<boolean> {
  const { before } = held
  const [scope] = scopes
  if (before === undefined || scope === undefined) return true
  const [dead] = held.dead()
  const course =
    dead !== undefined
      ? { why: `${dead} has died since` }
      : scopes.length > 1
        ? { why: 'there are several variants now' }
        : whereToGoOn(before, scope.variant)
  if (course === undefined) {
    say('Nothing has changed that is run.')
    return false
  }
  say(
    course.goOn === undefined
      ? `Again from the start: ${course.why}.`
      : `Going on in the same machines: ${course.why}.`,
  )
  if (course.goOn === undefined) await held.end()
  else held.goOnAt(course.goOn)
  return true
}

interface Surrounds {
  readonly files: WatchedFiles
  readonly held: HeldMachines
  readonly signal: AbortSignal
  say(words: string): void
}

const saved = Symbol('a file was saved')

/** Runs scopes until they are done or a file is saved, which ends their run in order. Returns whether one was. */
async function runUntilChanged(watched: WatchedRun, scopes: readonly Scope[], { files, held, say, signal }: Surrounds) {
  const [ended, change] = [new AbortController(), new AbortController()]
  const watching = files.changed(ended.signal).then(
    () => change.abort(saved),
    (error) => {
      if (!ended.signal.aborted) change.abort(error)
    },
  )
  try {
    await watched.run(scopes, AbortSignal.any([signal, change.signal]), scopes.length === 1 ? held : undefined)
  } catch (error) {
    if (!change.signal.aborted || signal.aborted) throw error
    say(`Ended the run: ${change.signal.reason === saved ? 'a file was saved' : messageOf(change.signal.reason)}.`)
  } finally {
    ended.abort()
    await watching
  }
  return change.signal.aborted
}
