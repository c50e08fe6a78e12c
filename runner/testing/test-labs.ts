import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Assertion } from '../../assertions/assertion.ts'
import type { Lab } from '../lab/lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import type { AssertionTable } from '../lab/parts/variant-context.ts'
import type { Diagnostic } from '../lab/text/diagnostics.ts'

// What the tests of this folder share: labs written into a temporary folder, and assertions that only the check needs.

const reach = z.enum(['reachable', 'unreachable'])

const unjudged = {
  example: {},
  question: () => 'What?',
  probe: () => [],
  judge: () => ({ verdict: 'inconclusive' as const, found: '' }),
}

const ping: Assertion<{ from: string; to: string; is: 'reachable' | 'unreachable'; size?: number | undefined }> = {
  ...unjudged,
  description: 'A ping.',
  parameters: z.strictObject({ from: z.string(), to: z.string(), is: reach, size: z.int().optional() }),
  claim: ({ from, to, is }) => `${from} ${is === 'reachable' ? 'reaches' : 'cannot reach'} ${to}`,
  references: ({ from, to }) => [
    { kind: 'node', name: from, path: ['from'] },
    ...(/^[\d.]+$/.test(to) ? [] : [{ kind: 'address-of' as const, name: to, path: ['to'] }]),
  ],
  defaultWithinMs: ({ is }) => (is === 'reachable' ? 5000 : 0),
}

const reachability: Assertion<Record<string, Record<string, 'reachable' | 'unreachable'>>> = {
  ...unjudged,
  description: 'A table of pings.',
  parameters: z.record(z.string(), z.record(z.string(), reach)),
  claim: (table) => `the table of ${Object.keys(table).join(', ')} holds`,
  references: (table) => Object.keys(table).map((name) => ({ kind: 'node', name, path: [name] })),
  defaultWithinMs: () => 0,
}

const frames: Assertion<{ in: string; count: number }> = {
  ...unjudged,
  description: 'Frames of a capture.',
  parameters: z.strictObject({ in: z.string(), count: z.int() }),
  claim: ({ in: name, count }) => `${name} holds ${count} frames`,
  references: ({ in: name }) => [{ kind: 'capture', name, path: ['in'] }],
  defaultWithinMs: () => 0,
}

const output: Assertion<{ on: string; command: string; prints: string }> = {
  ...unjudged,
  description: 'What a command prints.',
  parameters: z.strictObject({ on: z.string(), command: z.string(), prints: z.string() }),
  claim: ({ command, prints }) => `${command} prints ${prints}`,
  references: ({ on }) => [{ kind: on === 'agent' ? 'process' : 'node', name: on, path: ['on'] }],
  defaultWithinMs: () => 0,
}

/** A small table of assertions that never judge. */
export const fakeTable: AssertionTable = { ping, reachability, frames, output }

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Writes files into a fresh folder and returns its path; it is gone when the process ends. */
export function writeFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** The lab that a text is; throws with its first mistake. */
export function labOf(text: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Lab {
  const { lab, diagnostics } = loadLab(writeFolder({ 'lab.yaml': text, ...files }), fakeTable)
  if (lab === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return lab
}

/** The mistakes in a text. */
export const diagnosticsOf = (
  text: string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): readonly Diagnostic[] => loadLab(writeFolder({ 'lab.yaml': text, ...files }), fakeTable).diagnostics ?? []

/** Each mistake as `line:column message`. */
export const mistakesOf = (
  text: string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): readonly string[] =>
  diagnosticsOf(text, files).map(({ message, place }) =>
    place === undefined ? message : `${place.line}:${place.column} ${message}`,
  )

/** A lab whose first step and following lines are given; the steps begin at line 8. */
export const withSteps = (steps: string, head = ''): string =>
  `title: A test\nsummary: For a test.\nnodes:\n  host: {}\n  peer: { address: 10.0.0.2 }\n${head === '' ? '#' : head}\nsteps:\n${steps}`
