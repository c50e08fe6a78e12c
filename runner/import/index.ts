import { containerlab } from './containerlab/containerlab.ts'
import type { Importer } from './importer.ts'
import { kathara } from './kathara/kathara.ts'

/** All formats that can be imported; the first that knows a path reads it. */
export const importers: readonly Importer[] = [kathara, containerlab]
