import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { plainText } from '../../reports/text/plain-text.ts'
import { messageOf, usageError } from '../errors.ts'
import type { Surroundings } from '../events.ts'
import type { Image, ImageManifest } from '../image/image.ts'
import type { Lab } from '../lab/lab.ts'
import type { Scope } from '../scopes.ts'

const digests = z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() }))

const contentSchema = z.object({ packages: z.record(z.string(), z.string()), built: digests })

const recordSchema = contentSchema.extend({
  kind: z.enum(['run', 'mutate']),
  surroundings: z.record(z.string(), z.string()),
  moreImages: z.record(z.string(), contentSchema).default({}),
  options: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])),
  labs: z.array(z.object({ scope: z.string(), lab: z.string(), file: z.string(), sha256: z.string() })),
})

/** What a run's manifest says that it takes to do the same again. */
export type RecordedRun = Readonly<z.infer<typeof recordSchema>>

/** An image's packages, with their versions, and what was built of it, by file name. */
export type ImageContent = Pick<ImageManifest, 'packages' | 'built'>

/** What a run is made with, as its manifest has it: `packages` and `built` are those of the first machine's image. */
export interface MadeWith extends ImageContent {
  readonly surroundings: Surroundings
  /** The other images of its machines, by their names. */
  readonly moreImages: Readonly<Record<string, ImageContent>>
}

type NamedImage = Pick<Image, 'name' | 'key'> & { readonly manifest: ImageContent }

/** Images, the first machine's first, as a manifest has them. Of two with one name the second has its key beside it. */
export function contentOfImages(main: NamedImage, all: readonly NamedImage[]): Omit<MadeWith, 'surroundings'> {
  const content = ({ manifest: { packages, built } }: NamedImage): ImageContent => ({ packages, built })
  const moreImages: Record<string, ImageContent> = {}
  for (const image of all.filter(({ key }) => key !== main.key)) {
    const isTaken = image.name === main.name || image.name in moreImages
    moreImages[isTaken ? `${image.name} ${image.key}` : image.name] = content(image)
  }
  return { ...content(main), moreImages }
}

/** Options that say which labs are run, which the manifest names itself, and those that are only about showing it. */
const passing = [
  'all',
  'tag',
  'grep',
  'last-failed',
  'part',
  'times',
  'on',
  'parts',
  'cancel-on-interrupt',
  'results',
  'list',
  'keep',
  'save-on-failure',
  'shell-on-failure',
  'json',
  'verbose',
  'help',
  'like',
]

type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** The options of a command line that a run is repeated with; of a sample it is the seed that was drawn. */
export const optionsToRecord = (values: Options, seed: number | undefined): Options => ({
  ...Object.fromEntries(Object.entries(values).filter(([name, value]) => value && !passing.includes(name))),
  ...(seed === undefined ? {} : { seed: String(seed) }),
})

/** The labs of scopes, as a manifest names them. */
export function labsToRecord(scopes: readonly Scope[]): RecordedRun['labs'] {
  const hashes = new Map<Lab, string>()
  return scopes.map(({ name, lab }) => {
    const sha256 = hashes.get(lab) ?? hashLab(lab)
    hashes.set(lab, sha256)
    return { scope: name, lab: lab.name, file: lab.file, sha256 }
  })
}

/** A hash of a lab's file and of all files that it includes and copies. */
function hashLab({ file, included, variants }: Lab): string {
  const hash = createHash('sha256')
  for (const path of [file, ...included]) hash.update(readFileSync(path))
  JSON.stringify(variants, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value
    hash.update(value)
    return undefined
  })
  return hash.digest('hex')
}

/** Reads a manifest. @throws WirelabError of kind usage when it is none, or says too little */
export function readRecordedRun(path: string): RecordedRun {
  try {
    const read = recordSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new Error(`it does not say ${issue?.path.join('.')} as manifests of this version do`)
  } catch (error) {
    throw usageError(
      `cannot do the same as ${path}: ${plainText(messageOf(error))}`,
      'name the manifest.json of a results folder',
    )
  }
}

/** A command line's options, and for those that it doesn't give the recorded ones. */
export function optionsLike<V extends object>({ options, surroundings }: RecordedRun, values: V): V {
  // What ran emulated can do so anywhere.
  const accel = surroundings['accelerator'] === 'tcg' ? { accel: 'tcg' } : {}
  const recorded = Object.entries({ ...options, ...accel }).filter(([name]) => !passing.includes(name))
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== false)
  return { ...values, ...Object.fromEntries(recorded), ...Object.fromEntries(given) }
}

/** What names the labs of a recorded run: the file, where it is there, or else the lab's name. */
export const labsOf = ({ labs }: RecordedRun): string[] => [
  ...new Set(labs.map(({ lab, file }) => (existsSync(file) ? file : lab))),
]

/** Those scopes that a recorded run had. */
export function scopesOf({ labs }: RecordedRun, scopes: readonly Scope[]): Scope[] {
  const names = new Set(labs.map(({ scope }) => scope))
  return scopes.filter(({ name }) => names.has(name))
}

/** What is otherwise now than in a recorded run, a line each. */
export function differencesNow(then: RecordedRun, scopes: readonly Scope[], made: MadeWith): string[] {
  const now = new Map(labsToRecord(scopes).map((lab) => [lab.scope, lab]))
  const gone = then.labs.filter(({ scope }) => !now.has(scope))
  const changed = new Set(
    then.labs.filter((one) => (now.get(one.scope)?.sha256 ?? one.sha256) !== one.sha256).map(({ lab }) => lab),
  )
  // That an image is new, or not used any more, the surroundings say.
  const moreImages = Object.entries(then.moreImages).flatMap(([name, content]) => {
    const same = made.moreImages[name]
    return same === undefined ? [] : contentChanges(content, same).map((line) => `${name}: ${line}`)
  })
  return [
    ...gone.map(({ scope }) => `${scope} is not there any more`),
    ...[...changed].map((lab) => `the files of lab ${lab} have changed`),
    ...changesOf(then.surroundings, { ...made.surroundings }),
    ...contentChanges(then, made),
    ...moreImages,
  ].map(plainText)
}

/** What `differencesNow` returns, as text for a terminal. */
export const renderDifferences = (lines: readonly string[]): string =>
  lines.length === 0
    ? 'Nothing differs from that run.\n'
    : `What differs from that run:\n${lines.map((line) => `  ${line}\n`).join('')}`

function contentChanges(then: ImageContent, now: ImageContent): string[] {
  const packages = changesOf(then.packages, now.packages)
  const files = changesOf(hashesOf(then.built), hashesOf(now.built)).length > 0
  return [
    ...packages.slice(0, shown).map((line) => `package ${line}`),
    ...(packages.length > shown ? [`${packages.length - shown} more packages`] : []),
    ...(files && packages.length === 0 ? ['the image has the same packages, and other files'] : []),
  ]
}

const shown = 5

const hashesOf = (built: ImageManifest['built']) =>
  Object.fromEntries(Object.entries(built).map(([name, { sha256 }]) => [name, sha256]))

const changesOf = (then: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] =>
  Object.keys({ ...then, ...now })
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name}: ${now[name] ?? 'none'}, then ${then[name] ?? 'none'}`)
