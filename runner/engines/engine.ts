import { z } from 'zod'

/** What the settings of every engine can say; each engine adds its own. */
export const commonSettings = {
  /** Into how many parts a run is cut. */
  parts: z.int().min(1).max(1000).optional(),
  /** Of each part. */
  processors: z.int().min(1).optional(),
  /** How often a part is tried that was lost: its node failed, it was preempted, or its time was up. */
  tries: z.int().min(1).max(20).default(3),
  /** Lines of a shell script that each part begins with, as `module load …` or `wirelab image load …`. */
  prologue: z.string().optional(),
}

/** What was made of the settings that all engines have. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonSettings>>

/** Parts of a run that are handed over at once. */
export interface Batch {
  readonly parts: readonly number[]
  /** A shell script that does the part that its variable `part` names, in the working folder. */
  readonly script: string
  /** The folder in which the run is recorded; on a cluster all nodes see it. */
  readonly folder: string
  /** Counts what was handed over; from 1. */
  readonly attempt: number
  readonly needs: PartNeeds
}

/** What a part takes of the machine that does it. */
export interface PartNeeds {
  readonly processors: number
  readonly memoryMiB: number
  /** It is ended after so long. */
  readonly limitMs: number
  /** What `limitMs`, or a limit of the settings, is multiplied by: it was not enough before. */
  readonly longer: number
  /** Some of it measures time: nothing else should run on its processors. */
  readonly measuresTime: boolean
}

/** What became of a part that was handed over. */
export interface PartState {
  /** `gone` says that nothing does it any more, whether it came to its end or not. */
  readonly state: 'waiting' | 'running' | 'gone'
  readonly node?: string
  /** In the engine's words, as TIMEOUT. */
  readonly reason?: string
  /** It had less time than it takes. */
  readonly tooLong?: boolean
}

/** What was handed over at once, and is known by a word of the engine. */
export interface Submission {
  readonly id: string
  readonly parts: readonly number[]
}

/** Where the parts of a run are done. It schedules nothing itself, and what it is told lives on without this process. */
export interface Engine {
  /** How many processors a part gets. */
  readonly processors: number
  /** Into how many parts it cuts so many scopes, which take so long one after another. */
  cut(scopes: number, expectedMs: number): number
  /** Hands parts over. Returns a word by which `watch` and `cancel` know them. @throws WirelabError */
  submit(batch: Batch): Promise<string>
  /** The state of each part of what was handed over, in the same order; asked in one question. @throws WirelabError */
  watch(submissions: readonly Submission[]): Promise<readonly ReadonlyMap<number, PartState>[]>
  /** Ends what was handed over, and does not wait for it. @throws WirelabError */
  cancel(id: string): Promise<void>
}

/** A member of the family. */
export interface EngineKind<S extends CommonSettings = CommonSettings> {
  readonly settings: z.ZodType<S>
  make(settings: S): Engine
}
