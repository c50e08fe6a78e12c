import { join } from 'node:path'

/** The labs that wirelab ships. */
export const labsFolder = join(import.meta.dirname, '..', '..', 'labs')
