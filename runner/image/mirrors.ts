import { tryHostCommand } from '../host/host-command.ts'

/**
 * One line of apt sources for each Debian archive that the host itself uses, for another suite. Empty when the host
 * has none (it's no Debian, or has no package lists): then mmdebstrap's own default serves.
 */
export async function hostMirrors(suite: string, signal: AbortSignal): Promise<string[]> {
  const format = '$(REPO_URI) $(COMPONENT) $(ORIGIN) $(LABEL)'
  const targets = await tryHostCommand(['apt-get', 'indextargets', '--format', format, 'Identifier: Packages'], {
    signal,
    dieWithRunner: true,
  }).catch(() => undefined)
  signal.throwIfAborted()
  return targets?.exitCode === 0 ? mirrorsOf(targets.stdout, suite) : []
}

/** Source lines for `suite` from lines of "URI component origin label", as apt-get indextargets prints them. */
export function mirrorsOf(indexTargets: string, suite: string): string[] {
  const lines = indexTargets.split('\n').flatMap((line) => {
    const [uri, component, origin, label] = line.split(' ')
    if (component !== 'main' || origin !== 'Debian') return []
    if (label === 'Debian') return [`deb ${uri} ${suite} main`, `deb ${uri} ${suite}-updates main`]
    if (label === 'Debian-Security') return [`deb ${uri} ${suite}-security main`]
    return []
  })
  // Security updates alone install nothing.
  return lines.some((line) => line.includes(` ${suite} `)) ? [...new Set(lines)] : []
}

/**
 * Source lines for the packages that Debian had at a time (ISO 8601) and a day later: what was new then may not have
 * been in the archive of that hour. Signed lists of an earlier day have expired, which is no fault of theirs.
 */
export function snapshotMirrors(suite: string, date: string): string[] {
  const days = [0, 1].map((later) => new Date(Date.parse(date) + later * dayMs))
  return days.flatMap((day) => {
    const stamp = `${day.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
    const line = (archive: string, one: string) =>
      `deb [check-valid-until=no] http://snapshot.debian.org/archive/${archive}/${stamp} ${one} main`
    return [
      ...[suite, `${suite}-updates`].map((one) => line('debian', one)),
      line('debian-security', `${suite}-security`),
    ]
  })
}

const dayMs = 24 * 3600 * 1000
