import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, machineryError, messageOf, usageError, withRemedy } from '../errors.ts'
import { explainFullDisk } from '../host/full-disk.ts'
import { roomForRuntime } from '../host/runtime-folder.ts'
import { restoreSteps, type SavedScope, saveScope } from '../steps/saved-steps.ts'
import type { ScopeEvent } from '../steps/scope-context.ts'
import type { StepContext } from '../steps/step-context.ts'

/** The machines of a session as steps left them. */
export interface Saves {
  /** Saves them as they are after so many steps, where that can be; why not is told when they are to come back. */
  save(done: number): Promise<void>
  /**
   * Brings them back as so many steps left them, or as few fewer as can be, but at least so many. Returns how many, and
   * why fewer. @throws WirelabError of kind usage when there is nothing to come back to, of kind machinery when that is
   * because the disk is full
   */
  restore(done: number, least?: number): Promise<{ readonly done: number; readonly why?: string }>
}

interface Save extends SavedScope {
  /** How much had happened. */
  readonly happened: number
}

/** They lie in memory, where runtime folders do: the oldest make room, but for that of the beginning. */
const mostBytes = 1e9

/** The saves of a session, in its folder; none yet. What happened since is forgotten when machines come back. */
export function savesOf(context: StepContext, happened: ScopeEvent[]): Saves {
  const { testbed, folder } = context
  const saves = new Map<number, Save>()
  let count = 0
  const whyNot = new Map<number, unknown>()
  const remove = (done: number) => {
    const save = saves.get(done)
    saves.delete(done)
    if (save) rmSync(save.snapshot.folder, { recursive: true, force: true })
  }
  const makeRoom = () => {
    const bytes = [...saves.values()].reduce((sum, save) => sum + save.bytes, 0)
    const oldest = [...saves.keys()].toSorted((a, b) => a - b).find((done) => done > 0)
    if (bytes <= mostBytes || oldest === undefined) return
    remove(oldest)
    makeRoom()
  }
  return {
    async save(done) {
      if (testbed.noSnapshots !== undefined) return
      remove(done)
      try {
        const saved = await saveScope(context, join(folder, `saved-${++count}`))
        saves.set(done, { ...saved, happened: happened.length })
        whyNot.delete(done)
        makeRoom()
      } catch (error) {
        whyNot.set(done, explainFullDisk('save the machines', folder, error, roomForRuntime()))
      }
    },
    async restore(done, least = 0) {
      const from = [...saves.keys()].filter((one) => one <= done).toSorted((a, b) => b - a)[0]
      const save = saves.get(from ?? -1)
      const why = [...whyNot].filter(([place]) => place <= done).at(-1)?.[1]
      if (from === undefined || save === undefined || from < least) {
        if (hasCode(why, 'disk-full')) throw machineryError(`cannot rewind: ${why.message}`, why.remedy, why)
        const cause = why === undefined ? 'nothing was saved' : messageOf(why)
        throw usageError(`cannot rewind: ${testbed.noSnapshots ?? cause}`)
      }
      await context.captures.endAll()
      await testbed.restoreSnapshot(save.snapshot)
      restoreSteps(context, save.steps)
      happened.length = save.happened
      for (const later of saves.keys()) if (later > done) remove(later)
      return { done: from, ...(why === undefined ? {} : { why: withRemedy(why) }) }
    },
  }
}
