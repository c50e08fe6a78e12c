import { renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { isLocked } from '../host/folder-lock.ts'
import { ownCommand } from '../host/own-command.ts'
import { runtimeFolders } from '../host/runtime-folder.ts'
import { readOwnFile } from '../host/trusted-folder.ts'

/** What is written down of a session, beside its socket, in its runtime folder. */
export interface SessionRecord {
  readonly lab: string
  readonly variant: string
  /** Absolute path of the lab file. */
  readonly file: string
  /** ISO 8601, UTC. */
  readonly since: string
  /** The machine that holds each node. */
  readonly nodes: Readonly<Record<string, string>>
}

/** A session that is up, or comes up. */
export interface ListedSession extends SessionRecord {
  readonly folder: string
}

const recordFile = 'session.json'

/** The socket of the session whose runtime folder this is. */
export const socketOf = (folder: string): string => join(folder, 'session.sock')

/** Writes down whose session a runtime folder is. */
export function writeRecord(folder: string, record: SessionRecord): void {
  const fresh = join(folder, `${recordFile}.new`)
  writeFileSync(fresh, JSON.stringify(record), { mode: 0o600 })
  renameSync(fresh, join(folder, recordFile))
}

/** All sessions of this user, the oldest first. Of one that was killed nothing is left but its folder. */
export const listSessions = (): readonly ListedSession[] =>
  runtimeFolders()
    .flatMap((folder) => {
      const record = readRecord(folder)
      return record !== undefined && isLocked(folder) ? [{ ...record, folder }] : []
    })
    .sort((a, b) => a.since.localeCompare(b.since))

function readRecord(folder: string): SessionRecord | undefined {
  try {
    return JSON.parse(readOwnFile(join(folder, recordFile))) as SessionRecord
  } catch {
    return undefined
  }
}

/** Whether a word of the command line means a session: the lab's name, with or without the variant, or its path. */
export const isNamed = ({ lab, variant, file }: SessionRecord, word: string): boolean =>
  [lab, `${lab}/${variant}`].includes(word) ||
  (word.includes('/') && [file, dirname(file), join(dirname(file), variant)].includes(resolve(word)))

/** The session's name. */
export const nameOf = ({ lab, variant }: Pick<SessionRecord, 'lab' | 'variant'>): string => `${lab}/${variant}`

/**
 * Which session words of a command line mean, and the words behind its name, which may be left out where one is up.
 * @throws WirelabError of kind usage when none is up, or several are
 */
export function chooseSession(words: readonly string[], sessions = listSessions()) {
  const [first, ...rest] = words
  const named = first === undefined ? [] : sessions.filter((session) => isNamed(session, first))
  const [session, ...more] = named.length > 0 ? named : sessions
  if (session === undefined)
    throw usageError('cannot find a lab that is up: none is', `${ownCommand('up NAME')} brings one up`)
  if (more.length > 0)
    throw usageError(
      `cannot tell which lab is meant: ${[session, ...more].map(nameOf).join(', ')} are up`,
      `name one of them first`,
    )
  return { session, rest: named.length > 0 ? rest : words }
}
