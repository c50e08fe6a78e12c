import type { Accelerator } from '../providers/accelerator.ts'

/** What a host has for scopes that run side by side. */
export interface HostShare {
  /** Processors that this process may use. */
  readonly processors: number
  readonly freeMiB: number
  readonly accelerator: Accelerator
  readonly kind: 'run' | 'mutate'
}

/** Nothing was measured on hosts with more than two processors: who has one may ask for more. */
const mostJobs = 8

/** Enough for the four machines of a large lab; scopes are then let in by what each needs. */
const scopeMiB = 512

/** How many scopes run at once: of those that measure time, and of the others. */
export interface Jobs {
  readonly jobs: number
  readonly jobsInRealTime: number
}

/**
 * How many scopes run at once when nobody says. While one waits for a timer or for a negative to be sure, the others
 * start machines and work: two a processor leave a twentieth of it idle, one a processor nearly half (all labs that
 * measure no time took 113 and 161 s, on two processors under emulation). Emulated machines make each other late, so of
 * those that measure time there are fewer: two at once took 466 s, three 373 s, and of four the outages of three in 24
 * could not be told: machines of four that work at the same moment wait for half of it, which is a pause, those of three
 * for a third. Under KVM they work for a small part of the time, so it is always two a processor; that is expected
 * and not measured.
 *
 * Of mutations, which mostly wait for claims to fail, there are three a processor: 46 of labs that measure no time took
 * 362 s in place of 375, on two slow processors.
 */
export function defaultJobs({ processors, freeMiB, accelerator, kind }: HostShare): Jobs {
  const most = Math.min(Math.floor(freeMiB / scopeMiB), mostJobs)
  const atMost = (perProcessor: number) => Math.max(1, Math.min(Math.ceil(perProcessor * processors), most))
  return { jobs: atMost(kind === 'mutate' ? 3 : 2), jobsInRealTime: atMost(accelerator === 'kvm' ? 2 : 1.5) }
}
