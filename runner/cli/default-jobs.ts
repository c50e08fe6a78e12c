import type { Accelerator } from '../providers/accelerator.ts'

/** What a host has for scopes that run side by side. */
export interface HostShare {
  /** Processors that this process may use. */
  readonly processors: number
  readonly freeMiB: number
  readonly accelerator: Accelerator
}

/** Nothing was measured on hosts with more than two processors: who has one may ask for more. */
const mostJobs = 8

/** Enough for the four machines of a large lab; scopes are then let in by what each needs. */
const scopeMiB = 512

/**
 * How many scopes run at once when nobody says. While one waits for a timer or for a negative to be sure, the others
 * start machines and work. Emulated machines that work take a processor each: one scope a processor leaves little of it
 * idle, and more of them make each other late. Under KVM they work for a small part of the time, so it is two; that is
 * expected and not measured.
 */
export function defaultJobs({ processors, freeMiB, accelerator }: HostShare): number {
  const byProcessors = processors * (accelerator === 'kvm' ? 2 : 1)
  return Math.max(1, Math.min(byProcessors, Math.floor(freeMiB / scopeMiB), mostJobs))
}
