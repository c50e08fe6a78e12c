import { readdirSync, readFileSync } from 'node:fs'

/** The process that runs a domain, which libvirt tells no ordinary user; undefined when this host does not show it. */
export function pidOfDomain(domain: string): number | undefined {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => runs(pid, domain))
  } catch {
    return undefined
  }
}

function runs(pid: number, domain: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0guest=${domain},`)
  } catch {
    return false
  }
}
