import { join, resolve } from 'node:path'
import { listLabNames } from '../lab/find-lab.ts'

/** The labs that wirelab ships. */
export const shippedLabs = join(import.meta.dirname, '..', '..', 'labs')

/** The labs that are listed, and are meant by "all": those in `labs/` where one stands, or else the shipped ones. */
export const labsFolder = listLabNames('labs').length > 0 ? resolve('labs') : shippedLabs

/** Where a lab is looked for by its name. */
export const labsFolders: readonly string[] = [...new Set([labsFolder, shippedLabs])]
