import { lstatSync, mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { assertions } from '../../../assertions/index.ts'
import { attempt, exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { filesOfLab, type LabFiles, mistakesIn, readTopology, writeLab } from '../../import/import-lab.ts'
import { type Diagnostic, renderDiagnostics } from '../../lab/text/diagnostics.ts'
import type { CommandContext } from '../command.ts'
import { labToWrite } from '../lab-to-write.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('import PATH [NAME] [-- OPTIONS]')}

Options:
  --force    replace the files of a lab that is there

Makes a lab of a topology that was written for another tool: PATH is containerlab's file (clab.yml) or its folder, or a
folder with Kathará's lab.conf. Writes labs/NAME/lab.yaml, or PATH/lab.yaml when NAME is a path (./PATH), and the files
that the lab copies beside it; without a NAME the topology's own. Each thing that is not taken over is said, with
file:line:column: as a warning where the lab runs without it, and as an error where it would be another lab; then
nothing is written. wirelab's docs/import.md has what becomes of what.
`

/** Its options, as parseArgs takes them. */
export const options = {
  force: { type: 'boolean', default: false },
} as const

/** `npm run lab import PATH`. Returns the exit code; errors are thrown as one usage error, after the warnings. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [path, name, ...more] = positionals
  if (path === undefined || more.length > 0)
    throw usageError('cannot import a topology: expected its path, and perhaps a name', help)
  const imported = readTopology(path)
  const { topology, warnings, errors } = imported
  if (warnings.length > 0) context.stderr.write(`${renderWarnings(warnings, context)}\n\n`)
  if (errors.length > 0) throw usageError(renderDiagnostics(errors, context.errorColour))
  const called = name ?? nameOfLab(topology.name)
  const { folder, file, schema } = labToWrite(called, values.force)
  const files = filesOfLab(imported, schema)
  const mistakes = mistakesIn(files, assertions)
  if (mistakes.length > 0)
    throw usageError(`cannot import ${path}: the lab would have mistakes\n${renderDiagnostics(mistakes)}`)
  if (!values.force) refuseFiles(folder, files)
  attempt(`make ${folder}`, () => mkdirSync(folder, { recursive: true }))
  attempt(`write ${folder}`, () => writeLab(folder, files))
  context.stdout.write(`${relative('', file)}\nTo run it: ${ownCommand(`run ${called}`)}\n`)
  return exitCodes.passed
}

const renderWarnings = (warnings: readonly Diagnostic[], { errorColour }: CommandContext) =>
  renderDiagnostics(
    warnings.map((one) => ({ ...one, message: `warning: ${one.message}` })),
    errorColour,
  )

const nameOfLab = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '') || 'imported'

function refuseFiles(folder: string, files: LabFiles): void {
  const there = [...files.keys()]
    .map((path) => join(folder, path))
    .find((path) => lstatSync(path, { throwIfNoEntry: false }))
  if (there !== undefined)
    throw usageError(`cannot write ${there}: it is there already`, 'name another lab, or replace its files by --force')
}
