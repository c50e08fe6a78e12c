import { machineryError } from '../errors.ts'
import { endsWithInput } from './dies-with-runner.ts'
import { runHostCommand, tryHostCommand } from './host-command.ts'
import { type HostPackage, hasProgram, installLine, missingPackages } from './host-packages.ts'
import { isRoot } from './run-as-root.ts'

const timeoutMs = 20 * 60_000

/**
 * How this user may install packages: the words that stand before apt-get.
 * @throws WirelabError of kind machinery with the one line for an administrator when there's no way
 */
export async function findInstaller(
  packages: readonly HostPackage[],
  { interactive, signal }: { interactive: boolean; signal: AbortSignal },
): Promise<readonly string[]> {
  const cannot = `cannot install ${packages.map(({ name }) => name).join(', ')}`
  if (!(await hasProgram('apt-get'))) {
    const programs = packages.map(({ name, provides }) => `${provides} (Debian's package ${name})`)
    throw machineryError(
      `${cannot}: this host has no apt-get`,
      `Install by its own means what gives it ${programs.join(', ')}.`,
    )
  }
  if (isRoot()) return []
  const remedy = `An administrator must run: ${installLine(packages)}`
  if (!(await hasProgram('sudo'))) throw machineryError(`${cannot}: you are not root, and there is no sudo`, remedy)
  if (interactive) return ['sudo']
  const { exitCode } = await tryHostCommand(['sudo', '--non-interactive', 'true'], { signal })
  if (exitCode !== 0) throw machineryError(`${cannot}: sudo asks for a password, and there is no terminal`, remedy)
  return ['sudo', '--non-interactive']
}

/**
 * Installs packages with apt-get.
 * @param installer what `findInstaller` gave
 * @throws WirelabError of kind machinery when apt-get fails, or the packages lack what they are for
 */
export async function installPackages(
  packages: readonly HostPackage[],
  installer: readonly string[],
  { signal, onProgress }: { signal: AbortSignal; onProgress(message: string): void },
): Promise<void> {
  const aptGet = async (...words: string[]) => {
    const command = endsWithInput(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...words])
    const [program = 'sh', ...rest] = [...installer, ...command]
    await runHostCommand([program, ...rest], { title: 'apt-get', signal, timeoutMs, heldInput: true })
  }
  onProgress('Reading the lists of packages')
  await aptGet('update', '--quiet')
  onProgress('Installing packages')
  await aptGet('install', '--yes', '--quiet', '--no-install-recommends', ...packages.map(({ name }) => name))

  const missing = await missingPackages(packages)
  if (missing.length === 0) return
  const list = missing.map(({ name, provides }) => `${provides} of ${name}`).join(', ')
  throw machineryError(`cannot find ${list}: installed, but not in the PATH`, `PATH is ${process.env['PATH']}`)
}
