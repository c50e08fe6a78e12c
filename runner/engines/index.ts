import type { CommonSettings, Engine, EngineKind } from './engine.ts'
import { local } from './local/local.ts'
import { slurm } from './slurm/slurm.ts'

/** All engines, by the names that `--on` knows. */
export const engines: Readonly<Record<string, MadeEngine>> = { local: known(local), slurm: known(slurm) }

interface MadeEngine {
  readonly settings: EngineKind['settings']
  /** @throws z.ZodError for settings that are not this engine's */
  make(settings: unknown): Engine
}

function known<S extends CommonSettings>({ settings, make }: EngineKind<S>): MadeEngine {
  return { settings, make: (given) => make(settings.parse(given)) }
}
