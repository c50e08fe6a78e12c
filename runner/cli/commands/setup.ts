import { createInterface } from 'node:readline/promises'
import { exitCodes, hasCode, machineryError, usageError } from '../../errors.ts'
import { type HostPackage, missingPackages } from '../../host/host-packages.ts'
import { findInstaller, installPackages } from '../../host/install-packages.ts'
import { ownCommand } from '../../host/own-command.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { buildImage } from '../../image/build.ts'
import { type Image, openImage } from '../../image/image.ts'
import { defaultProvider } from '../../providers/index.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { showProgress } from '../show-progress.ts'

const help = `Prepares this host for labs. Does nothing where nothing is to be done.

  ${ownCommand('setup [-- --yes]')}

  1. Installs the packages that are missing, with apt-get: as root, or through sudo. Lists them first, and asks when
     there is a terminal; --yes answers. Without a terminal it goes ahead, as a CI job needs it.
  2. Builds the image that machines boot, in the cache ($XDG_CACHE_HOME/wirelab, or ~/.cache/wirelab), of the packages
     that its lock names. What of them is nowhere to be had any more is replaced by the newest, and named.
  3. Boots it once and freezes it there, so that a lab's machines start from memory.

Exit codes: 0 all is ready, 2 the command line is wrong, 3 something is missing that it can't mend, and it says what.
`

/** Its options, as parseArgs takes them. */
export const options = { yes: { type: 'boolean', short: 'y' } } as const

/** `npm run setup`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  if (positionals.length > 0) throw usageError(`cannot set up "${positionals[0]}": expected options alone`, help)
  await providePackages(values.yes ?? false, context)
  const image = await provideImage(context)
  await provideTemplate(image, context)
  context.stdout.write(`Ready. Next: ${ownCommand('')}\n`)
  return exitCodes.passed
}

async function providePackages(yes: boolean, context: CommandContext) {
  const { stdout, signal } = context
  const missing = await missingPackages()
  if (missing.length === 0) return
  const width = Math.max(...missing.map(({ name }) => name.length))
  stdout.write('This host lacks these packages:\n')
  for (const { name, purpose } of missing) stdout.write(`  ${name.padEnd(width)}  ${purpose}\n`)

  const askable = process.stdin.isTTY === true && stdout.isTTY === true
  const installer = await findInstaller(missing, { interactive: askable, signal })
  await agree(missing, { yes, askable, context, by: [...installer, 'apt-get'].join(' ') })
  await withProgress(context, (onProgress) => installPackages(missing, installer, { signal, onProgress }))
  stdout.write('The packages are installed.\n')
}

async function agree(
  missing: readonly HostPackage[],
  { yes, askable, context, by }: { yes: boolean; askable: boolean; context: CommandContext; by: string },
) {
  if (yes) return
  if (!askable) {
    context.stdout.write(`There is no terminal to ask on: installing them with ${by}.\n`)
    return
  }
  const terminal = createInterface({ input: process.stdin, output: context.stdout })
  try {
    const answer = await terminal.question(`Install them with ${by}? [y/N] `, { signal: context.signal })
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    terminal.close()
  }
  throw machineryError(
    `cannot go on without ${missing.map(({ name }) => name).join(', ')}`,
    'Install them by hand, or run the set-up again and answer y.',
  )
}

async function provideImage(context: CommandContext): Promise<Image> {
  const { stdout, signal } = context
  const present = await openImage().catch((error: unknown) => {
    if (hasCode(error, 'image-unusable') && error.detail.damaged.length > 0) stdout.write(`${error.message}\n`)
    return undefined
  })
  if (present !== undefined) return present
  await demandUserNamespace(signal)
  const startedMs = performance.now()
  const remarks: string[] = []
  const { image } = await withProgress(context, (onProgress) =>
    // Who begins shall not be kept from it by a mirror that has gone on.
    buildImage(undefined, { unmetLock: 'give way', signal, onProgress, onRemark: (line) => remarks.push(line) }),
  )
  stdout.write(`Built the image ${image.name} in ${seconds(startedMs)}.\n`)
  for (const line of remarks) stdout.write(`${line}\n`)
  return image
}

async function provideTemplate(image: Image, context: CommandContext) {
  const { signal } = context
  const startedMs = performance.now()
  const made = await withProgress(context, async (onProgress) => {
    const prepared = await defaultProvider.prepare?.(image, { signal, onProgress })
    return prepared?.made ?? false
  })
  if (made) context.stdout.write(`Booted and froze it in ${seconds(startedMs)}.\n`)
}

async function withProgress<T>(
  { stdout, interactive }: CommandContext,
  task: (onProgress: (message: string) => void) => Promise<T>,
): Promise<T> {
  const progress = showProgress(stdout, interactive)
  try {
    return await task(progress.update)
  } finally {
    progress.end()
  }
}

const seconds = (startedMs: number) => `${Math.round((performance.now() - startedMs) / 1000)} s`
