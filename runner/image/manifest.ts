import { z } from 'zod'

/** What a file is. */
export const describedFile = z.strictObject({ bytes: z.number(), sha256: z.string() })

export const builtSchema = z.strictObject({
  image: z.string(),
  key: z.string(),
  /** Debian's name of the release that the packages come from. */
  suite: z.string(),
  /** ISO 8601, UTC. */
  builtAt: z.iso.datetime(),
  /** The names of all its modules, with underscores; those built into it are among them. */
  kernel: z.strictObject({ release: z.string(), commandLine: z.string(), modules: z.array(z.string()) }),
  /** What the build made, by file name: the same wherever the same packages and tools made it. */
  built: z.record(z.string(), describedFile),
  /** Installed version by package name. */
  packages: z.record(z.string(), z.string()),
  /** The names of all programs that are found without a path. */
  commands: z.array(z.string()),
  /** Versions of the host's programs that wrote the files. */
  tools: z.record(z.string(), z.string()),
})

const manifestSchema = builtSchema.extend({
  /** Base64 of the machines' public host key in SSH's wire format (RFC 8709). */
  hostKey: z.string(),
  /** What lies in the image's folder, by file name: what was built, with keys that no other image has. */
  files: z.record(z.string(), describedFile),
})

/** What a build made. */
export type BuiltImage = Readonly<z.infer<typeof builtSchema>>

/** What exactly an image holds; written once, when it is built or loaded. */
export type ImageManifest = Readonly<z.infer<typeof manifestSchema>>

/** Reads what a build made, of a manifest or of less. @throws Error when the text is none */
export const parseBuilt = (text: string): BuiltImage => builtSchema.strip().parse(JSON.parse(text))

/** Reads a manifest. @throws Error when the text is none */
export const parseManifest = (text: string): ImageManifest => manifestSchema.parse(JSON.parse(text))

/** The text that `parseManifest` reads. */
export const renderManifest = (manifest: ImageManifest): string => `${JSON.stringify(manifest, null, 2)}\n`
