import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { NewEvent } from '../events.ts'
import { type KeptLog, keepLog } from '../host/kept-log.ts'
import type { ProcessorLock } from '../host/processor-lock.ts'
import type { Variant } from '../lab/lab.ts'
import type { Testbed } from '../providers/provider.ts'

/** An event of one scope, without the scope's name, which the sink adds. */
export type ScopeEvent = NewEvent extends infer E ? (E extends { scope: string } ? Omit<E, 'scope'> : never) : never

/** Where a scope's steps are done, and who receives what happens. */
export interface ScopeContext {
  readonly variant: Variant
  readonly testbed: Testbed
  /** Folder for captures and long outputs. */
  readonly folder: string
  /** The same folder as events name it. */
  readonly folderInResults: string
  readonly signal: AbortSignal
  /** What measures is quiet, what starts machines is loud. */
  readonly processors: ProcessorLock
  emit(event: ScopeEvent): void
}

/** Begins the log of that name in a scope's folder. One that can't be kept is an event, and no trouble of who prints. */
export const keepScopeLog = (
  name: string,
  { folder, folderInResults, emit }: Pick<ScopeContext, 'folder' | 'folderInResults' | 'emit'>,
): KeptLog =>
  keepLog(join(folder, name), (cause) =>
    emit({ type: 'record-lost', path: join(folderInResults, name), cause: messageOf(cause) }),
  )
