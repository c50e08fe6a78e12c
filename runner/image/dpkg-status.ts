import type { Lock } from './lock.ts'

/** The version of each installed package, by name, from dpkg's status file (deb822 paragraphs; see deb-control(5)). */
export function parseDpkgStatus(text: string): Record<string, string> {
  const versions: [string, string][] = []
  for (const paragraph of text.split(/\n{2,}/)) {
    const name = fieldOf(paragraph, 'Package')
    const version = fieldOf(paragraph, 'Version')
    if (name === undefined || version === undefined) continue
    if (fieldOf(paragraph, 'Status')?.endsWith(' installed')) versions.push([name, version])
  }
  return Object.fromEntries(versions.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Version and hash of packages by name, as `apt-cache show` prints them. */
export function parseAptShow(text: string): Lock['packages'] {
  const packages: [string, Lock['packages'][string]][] = []
  for (const paragraph of text.split(/\n{2,}/)) {
    const [name, version, sha256] = ['Package', 'Version', 'SHA256'].map((field) => fieldOf(paragraph, field))
    if (name !== undefined && version !== undefined && sha256 !== undefined) packages.push([name, { version, sha256 }])
  }
  return Object.fromEntries(packages)
}

const fieldOf = (paragraph: string, field: string) => new RegExp(`^${field}: (.*)$`, 'm').exec(paragraph)?.[1]?.trim()
