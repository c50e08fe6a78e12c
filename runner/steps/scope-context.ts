import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import type { NewEvent } from '../events.ts'
import { pathInside } from '../host/file-names.ts'
import { type KeptFile, keepLog } from '../host/kept-file.ts'
import type { ProcessorLock } from '../host/processor-lock.ts'
import type { KeepingPlace } from '../host/room.ts'
import type { Step, Variant } from '../lab/lab.ts'
import type { Testbed } from '../providers/provider.ts'
import type { StepContext } from './step-context.ts'

/** An event of one scope, without the scope's name, which the sink adds. */
export type ScopeEvent = NewEvent extends infer E ? (E extends { scope: string } ? Omit<E, 'scope'> : never) : never

/** Where a scope's steps are done, and who receives what happens. */
export interface ScopeContext extends KeepingPlace {
  readonly variant: Variant
  readonly testbed: Testbed
  /** The folder for captures and long outputs, as events name it. */
  readonly folderInResults: string
  readonly signal: AbortSignal
  /** What measures is quiet, what starts machines is loud. */
  readonly processors: ProcessorLock
  emit(event: ScopeEvent): void
  /** Called when the first claim has failed; the steps wait until it has ended. */
  onFailure?(failure: Failure): Promise<void>
}

/** A claim that failed, in machines that are as they were then. */
export interface Failure {
  readonly step: Step
  readonly caseName: string
  /** The node that was asked. */
  readonly node: string
  readonly context: StepContext
}

/**
 * Begins the log of that name in a scope's folder. One that can't be kept is an event, and no trouble of who prints.
 */
export const keepScopeLog = (
  name: string,
  { folder, folderInResults, room, emit }: Pick<ScopeContext, 'folder' | 'folderInResults' | 'room' | 'emit'>,
): KeptFile =>
  keepLog(pathInside(folder, name), room, (cause) =>
    emit({ type: 'record-lost', path: join(folderInResults, name), cause: messageOf(cause) }),
  )
