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

const fieldOf = (paragraph: string, field: string) => new RegExp(`^${field}: (.*)$`, 'm').exec(paragraph)?.[1]?.trim()
