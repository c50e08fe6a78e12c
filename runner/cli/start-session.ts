import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { machineryError } from '../errors.ts'
import { makeRuntimeFolder } from '../host/runtime-folder.ts'

/** What the process of a session is told. */
export interface HoldWish {
  readonly name: string
  /** Its runtime folder. */
  readonly folder: string
  readonly accelerator?: string | undefined
  readonly provider?: string | undefined
  /** The folder of saved machines that it goes on with. */
  readonly saved?: string
  /** Mistakes in the lab are painted. */
  readonly colour: boolean
}

/** Keeps the runtime folder in use. */
const folderDescriptor = 3
/** Where the process says that it listens. */
export const readyDescriptor = folderDescriptor + 1

/**
 * Starts the process of a session, which lives on when this one has ended. Returns its runtime folder as soon as it can
 * be asked; its machines come up then. @throws WirelabError of kind machinery when it does not start
 */
export async function startSession(wish: Omit<HoldWish, 'folder'>): Promise<string> {
  const runtime = makeRuntimeFolder()
  const { path: folder, descriptor } = runtime
  const logFile = join(folder, 'session.log')
  const log = openSync(logFile, 'wx', 0o600)
  const main = join(import.meta.dirname, `hold-session${extname(import.meta.filename)}`)
  const child = spawn(process.execPath, [main, JSON.stringify({ ...wish, folder })], {
    detached: true,
    stdio: ['ignore', log, log, descriptor, 'pipe'],
  })
  closeSync(log)
  child.unref()
  const ready = child.stdio[readyDescriptor] as Readable
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    ready.once('data', () => resolve(true)).once('end', () => resolve(false))
  })
  ready.destroy()
  if (isReady) return folder
  const words = readFileSync(logFile, 'utf8').trim()
  runtime.remove()
  throw machineryError(`cannot start the session: ${words || 'its process ended at once'}`)
}
