import { messageOf } from '../../errors.ts'
import { tryHostCommand } from '../../host/host-command.ts'
import { libvirtUri } from './virsh.ts'

/** Reports when domains end, for whatever reason. */
export interface DomainEnds {
  /** Resolves at the next end of a domain with what libvirt calls it, as "Shutdown" or "Destroyed". */
  next(domain: string): Promise<string>
  close(): Promise<void>
}

/** Far longer than any run. */
const watchMs = 7 * 24 * 3600 * 1000

/** Listens to libvirt; begun before there are domains, it misses none. */
export function watchDomainEnds(): DomainEnds {
  const waiting = new Map<string, ((how: string) => void)[]>()
  const closing = new AbortController()
  const argv = ['virsh', '--connect', libvirtUri(), 'event', '--event', 'lifecycle', '--loop'] as const
  // It prints into a pipe, and would keep the lines until it has many.
  const watch = tryHostCommand(['stdbuf', '-oL', ...argv], {
    title: 'virsh event',
    signal: closing.signal,
    timeoutMs: watchMs,
    dieWithRunner: true,
    onLine(line) {
      const [, domain = '', how = ''] = /^event 'lifecycle' for domain '?([^':]+)'?: Stopped ?(.*)$/.exec(line) ?? []
      for (const report of waiting.get(domain) ?? []) report(how)
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
