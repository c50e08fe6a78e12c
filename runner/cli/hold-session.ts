import { closeSync, mkdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { announceScope } from '../announce-scope.ts'
import { exitCodes, usageError } from '../errors.ts'
import type { NewEvent, RunEvent } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import { noLock } from '../host/processor-lock.ts'
import { roomOf } from '../host/room.ts'
import { removeStaleRuntimeFolders } from '../host/runtime-folder.ts'
import type { Lab, Variant } from '../lab/lab.ts'
import { type Plan, planRun } from '../plan.ts'
import { acceleratorWishes } from '../providers/accelerator.ts'
import { readyProvider } from '../providers/ready-provider.ts'
import { listSessions, nameOf, writeRecord } from '../workshop/records.ts'
import { goOnFrom, readSavedLab, unpackSavedLab } from '../workshop/saved-lab.ts'
import { type Served, serve } from '../workshop/serve.ts'
import { openSession, type Session } from '../workshop/session.ts'
import { readProvider } from './choose-provider.ts'
import type { CommandContext } from './command.ts'
import { loadLabs } from './load-labs.ts'
import { readChoice } from './options.ts'
import { provideImages } from './provide-images.ts'
import { runAsProcess } from './run-as-process.ts'
import { type HoldWish, readyDescriptor } from './start-session.ts'

// The process of a session: it has a lab's machines, and answers at the socket in its runtime folder until it is told
// to end. What it prints is its log.

/** What is kept of a session's outputs and captures lies in memory, where runtime folders do. */
const roomBytes = 256e6
/** How long those who have been answered have to hear it. */
const lastWordsMs = 2000
const lastWords = () => new Promise((resolve) => setTimeout(resolve, lastWordsMs))

await runAsProcess(async ([wish = '{}'], context) => holdSession(JSON.parse(wish) as HoldWish, context))
// Whatever is still open: with this process its machines end.
process.exit()

async function holdSession(wish: HoldWish, { signal }: CommandContext): Promise<number> {
  const over = Promise.withResolvers<number>()
  const held = hold(wish, signal, over.resolve)
  const server = await serve(wish.folder, held)
  writeSync(readyDescriptor, 'ready\n')
  closeSync(readyDescriptor)
  // Whoever asked for it hears first what went wrong.
  const answered = new Promise((resolve) => server.on('connection', (socket) => socket.once('close', resolve)))
  held.opening.catch(() => Promise.race([answered, lastWords()]).then(() => over.resolve(exitCodes.machinery)))
  signal.addEventListener('abort', () => void held.end(), { once: true })
  try {
    const exitCode = await over.promise
    const closed = new Promise((resolve) => server.close(resolve))
    await Promise.race([closed, lastWords()])
    return exitCode
  } finally {
    rmSync(wish.folder, { recursive: true, force: true })
  }
}

/** A lab on its way up, and then up. `isOver` is called when all of it has ended. */
function hold(wish: HoldWish, signal: AbortSignal, isOver: (exitCode: number) => void): Served {
  const startedMs = performance.now()
  const listeners = new Set<(event: RunEvent) => void>()
  const ending = new AbortController()
  let session: Session | undefined
  let known: Loaded | undefined
  let started: RunEvent | undefined
  const stamp = (event: object): RunEvent =>
    ({
      ...event,
      scope: known === undefined ? undefined : nameOf(known.record),
      at: performance.now() - startedMs,
    }) as RunEvent
  const tell = (event: object) => {
    const stamped = stamp(event)
    if (stamped.type === 'scope-started') started = stamped
    for (const listener of listeners) listener(stamped)
  }
  const opening = (async () => {
    known = load(wish)
    writeRecord(wish.folder, known.record)
    session = await bringUp(known, wish, AbortSignal.any([signal, ending.signal]), tell as (event: NewEvent) => void)
    return session
  })()
  return {
    get lab() {
      return known === undefined ? '' : nameOf(known.record)
    },
    get title() {
      return known?.lab.title ?? ''
    },
    opening,
    stamp,
    hear(listener) {
      if (started !== undefined) listener(started)
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    giveUp() {
      if (session === undefined) ending.abort(usageError('cannot bring the lab up: whoever asked for it has left'))
    },
    async end() {
      ending.abort(usageError('cannot go on: the session is being ended'))
      await opening.then((opened) => opened.end()).catch(() => {})
      rmSync(wish.folder, { recursive: true, force: true })
      removeStaleRuntimeFolders()
      isOver(0)
      return known?.plan.machines.map(({ name }) => name) ?? []
    },
  }
}

interface Loaded {
  readonly lab: Lab
  readonly variant: Variant
  readonly plan: Plan
  readonly record: Parameters<typeof writeRecord>[1]
}

/** @throws WirelabError of kind usage for what is wrong with the lab, or when it is up already */
function load({ name, folder, colour }: HoldWish): Loaded {
  const [selection] = loadLabs([name], { all: false, colour })
  const lab = selection?.lab
  const variant = lab?.variants.find((one) => selection?.variant === undefined || one.name === selection.variant)
  if (!lab || !variant) throw usageError(`cannot bring ${name} up: it is no lab`)
  const record = {
    lab: lab.name,
    variant: variant.name,
    file: lab.file,
    since: new Date().toISOString(),
    nodes: Object.fromEntries(variant.nodes.map((node) => [node.name, node.namespaceOf ?? node.name])),
  }
  const other = listSessions().find((one) => one.folder !== folder && nameOf(one) === nameOf(record))
  if (other !== undefined)
    throw usageError(
      `cannot bring ${nameOf(record)} up: it is up already, since ${other.since}`,
      `go on with ${ownCommand(`do ${nameOf(record)}`)}, or end it with ${ownCommand(`down ${nameOf(record)}`)}`,
    )
  return { lab, variant, plan: planRun(lab.name, variant), record }
}

async function bringUp(
  { lab, variant, plan }: Loaded,
  { folder: runtime, accelerator, provider, saved: from }: HoldWish,
  signal: AbortSignal,
  tell: (event: NewEvent) => void,
): Promise<Session> {
  const folder = join(runtime, 'lab')
  mkdirSync(folder, { mode: 0o700 })
  const onProgress = (message: string) => tell({ type: 'progress', message })
  const stream = {
    write(text: string | Uint8Array) {
      onProgress(String(text).trim())
      return true
    },
  }
  const { main, imagesOf } = await provideImages([{ lab, variant }], { signal, interactive: false, stream })
  const images = imagesOf({ lab, variant })
  const scope = `${lab.name}/${variant.name}`
  tell({ ...announceScope({ name: scope, lab, variant, repetition: 1, folder }, images), scope })
  const ready = await readyProvider(readProvider(provider), {
    image: main,
    accelerator: readChoice('accel', accelerator, acceleratorWishes),
    keep: false,
    signal,
    onProgress,
  })
  const saved = from === undefined ? undefined : readSavedLab(from)
  const memory = await ready.admit(plan, signal)
  try {
    const snapshot = saved && (await unpackSavedLab(from ?? '', saved, plan, join(folder, 'opened')))
    const testbed = await ready.bringUp(plan, {
      ...(snapshot && { snapshot }),
      logs: folder,
      signal,
      images,
      onReady: (machine, durationMs) => tell({ type: 'machine-ready', machine, durationMs, scope }),
      onDeath: (machine, { panicked, ...death }) =>
        tell({ type: 'machine-died', machine, ...death, ...(panicked ? { panicked } : {}), scope }),
    })
    memory.started()
    if (snapshot) rmSync(snapshot.folder, { recursive: true, force: true })
    const room = roomOf(roomBytes)
    const { mutations } = lab
    const scopeOfSteps = { variant, mutations, testbed, folder, folderInResults: folder, room, processors: noLock }
    return await openSession(scopeOfSteps, saved && goOnFrom(saved)).catch(async (error: unknown) => {
      await testbed.tearDown()
      throw error
    })
  } finally {
    memory.end()
  }
}
