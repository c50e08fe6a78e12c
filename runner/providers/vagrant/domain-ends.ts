import { messageOf } from '../../errors.ts'
import { tryHostCommand } from '../../host/host-command.ts'
import { libvirtUri } from './virsh.ts'

/** Reports when domains end, for whatever reason. */
export interface DomainEnds {
  /** Resolves with words at the next end of a domain. */
  next(domain: string): Promise<string>
  close(): Promise<void>
}

/** Far longer than any run. */
const watchMs = 7 * 24 * 3600 * 1000

/** Listens to libvirt; begun before there are domains, it misses none. */
export function watchDomainEnds(): DomainEnds {
  const waiting = new Map<string, ((words: string) => void)[]>()
  const closing = new AbortController()
  const argv = ['virsh', '--connect', libvirtUri(), 'event', '--event', 'lifecycle', '--loop'] as const
  // It prints into a pipe, and would keep the lines until it has many.
  const watch = tryHostCommand(['stdbuf', '-oL', ...argv], {
    title: 'virsh event',
    signal: closing.signal,
    timeoutMs: watchMs,
    dieWithRunner: true,
    onLine(line) {
      const [, domain = '', words = ''] = /^event 'lifecycle' for domain '?([^':]+)'?: Stopped ?(.*)$/.exec(line) ?? []
      for (const tell of waiting.get(domain) ?? []) tell(`its domain ended${words && ` (${words.toLowerCase()})`}`)
      waiting.delete(domain)
    },
  }).catch((error: unknown) => messageOf(error))
  return {
    next: (domain) =>
      new Promise((resolve) => {
        waiting.set(domain, [...(waiting.get(domain) ?? []), resolve])
      }),
    async close() {
      closing.abort(new Error('closed'))
      await watch
    },
  }
}
