import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { usageError } from '../errors.ts'
import { makeFolderInside, pathInside } from '../host/file-names.ts'
import { loadLab } from '../lab/load-lab.ts'
import type { AssertionTable } from '../lab/parts/variant-context.ts'
import { type Diagnostic, renderDiagnostics } from '../lab/text/diagnostics.ts'
import { labFileName, readLabFile } from '../lab/text/read-lab-file.ts'
import type { Importer, Topology } from './importer.ts'
import { importers } from './index.ts'
import { makeLab } from './make-lab.ts'
import { gatherRemarks } from './remarks.ts'
import { filesFolder, renderLab } from './render-lab.ts'

/** A topology of others, read; `topology` counts only when there are no errors. */
export interface Imported {
  /** Absolute path. */
  readonly file: string
  readonly importer: Importer
  readonly topology: Topology
  readonly errors: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
}

/** Reads the topology that a file or folder is. @throws WirelabError of kind usage when it is none that is known */
export function readTopology(path: string): Imported {
  for (const importer of importers) {
    const file = importer.fileAt(path)
    if (file === undefined) continue
    const read = readLabFile(file)
    if ('message' in read) throw usageError(renderDiagnostics([read]))
    const remarks = gatherRemarks()
    const topology = importer.read(file, read.text, remarks)
    return { file, importer, topology, errors: remarks.errors(), warnings: remarks.warnings() }
  }
  throw usageError(
    `cannot import ${path}: it is no topology that is known`,
    "expected containerlab's file (clab.yml), its folder where there is one only, or a folder with Kathará's lab.conf",
  )
}

/** The files of a lab, by their paths in its folder: its lab.yaml, and what it copies. */
export type LabFiles = ReadonlyMap<string, string | Uint8Array>

/** The files of the lab that a topology is; `schema` is the way to the schema from its folder. */
export function filesOfLab({ topology, importer, file }: Imported, schema: string): LabFiles {
  const lab = makeLab(topology)
  const origin = `${importer.name}'s ${basename(dirname(file))}/${basename(file)}`.replaceAll(/\p{Cc}/gu, ' ')
  return new Map<string, string | Uint8Array>([
    [labFileName, renderLab(lab, origin, schema)],
    ...lab.files.map(({ from, bytes }) => [join(filesFolder, from), bytes] as const),
  ])
}

/** What is wrong with a lab of these files, which nobody has written yet. */
export function mistakesIn(files: LabFiles, table: AssertionTable): readonly Diagnostic[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-import-'))
  try {
    writeLab(folder, files)
    return loadLab(folder, table).diagnostics ?? []
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes the files of a lab, and follows no link in its folder, which exists. */
export function writeLab(folder: string, files: LabFiles): void {
  for (const [path, content] of files) {
    if (dirname(path) !== '.') makeFolderInside(folder, dirname(path))
    writeFileSync(pathInside(folder, path), content)
  }
}
