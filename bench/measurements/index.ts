import type { Measurement } from '../measurement.ts'
import { rowsOfMachines } from './row-of-machines.ts'
import { warmCommand } from './warm-command.ts'
import { wholeCommands } from './whole-command.ts'

/** All measurements, in the order in which they are made. */
export const measurements: readonly Measurement[] = [...rowsOfMachines, warmCommand, ...wholeCommands]
