import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** A Debian package that the host needs, and the file that tells whether it (or another system's like) is there. */
export interface HostPackage {
  readonly name: string
  /** A program in the PATH, or an absolute path. */
  readonly provides: string
  /** What wirelab does with it. */
  readonly purpose: string
}

/** All that wirelab runs on the host. */
export const hostPackages: readonly HostPackage[] = [
  { name: 'qemu-system-x86', provides: 'qemu-system-x86_64', purpose: 'runs the machines' },
  { name: 'mmdebstrap', provides: 'mmdebstrap', purpose: 'installs the image' },
  {
    name: 'debian-archive-keyring',
    provides: '/usr/share/keyrings/debian-archive-keyring.gpg',
    purpose: "verifies the image's packages",
  },
  { name: 'gpg', provides: 'gpg', purpose: 'finds the keys for them' },
  { name: 'erofs-utils', provides: 'mkfs.erofs', purpose: "writes the image's file system" },
  { name: 'uidmap', provides: 'newuidmap', purpose: 'lets ordinary users build the image' },
  { name: 'tcpdump', provides: 'tcpdump', purpose: 'reads captures' },
  { name: 'libxml2-utils', provides: 'xmllint', purpose: 'checks JUnit reports in the tests' },
  { name: 'python3-minimal', provides: 'python3', purpose: "runs the machines' own programs in the tests" },
  { name: 'perl-base', provides: 'perl', purpose: "holds templates' memory where machines can't change it" },
  {
    name: 'util-linux',
    provides: 'setpriv',
    purpose: 'runs machines without privileges, and ends them with their run',
  },
]

/** Those of `packages` whose program or file is not on this host. */
export async function missingPackages(
  packages: readonly HostPackage[] = hostPackages,
  path: string = process.env['PATH'] ?? '',
): Promise<HostPackage[]> {
  const found = await Promise.all(packages.map(({ provides }) => isPresent(provides, path)))
  return packages.filter((_package, index) => found[index] === false)
}

/** Whether a program is in the PATH. */
export const hasProgram = (program: string): Promise<boolean> => isPresent(program, process.env['PATH'] ?? '')

/** The shell command line that installs packages, for root. */
export const installLine = (packages: readonly HostPackage[]): string =>
  `apt-get update && apt-get install --yes --no-install-recommends ${packages.map(({ name }) => name).join(' ')}`

async function isPresent(provides: string, path: string) {
  if (provides.startsWith('/')) return await isFile(provides, constants.R_OK)
  for (const folder of path.split(delimiter)) {
    if (folder !== '' && (await isFile(join(folder, provides), constants.X_OK))) return true
  }
  return false
}

async function isFile(path: string, mode: number) {
  try {
    await access(path, mode)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
