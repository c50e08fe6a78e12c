import { startOf } from '../../host/runtime-folder.ts'

/** What all names begin with that a run gives to domains and volumes. */
const beginning = 'wirelab-run-'

/** The network by which machines of our box are reached; all runs share it, so that none takes another's addresses. */
export const managementNetwork = 'wirelab'

let made = 0

/** A beginning for the names of one bring-up. It tells which process it belongs to, and from when. */
export const makeRunPrefix = (): string =>
  `${beginning}${process.pid.toString(36)}-${Number(startOf(process.pid)).toString(36)}-${(made++).toString(36)}-`

/** Whether a domain or volume has been left by a run that is gone. */
export function isLeftover(name: string): boolean {
  const [, pid, start] = /^wirelab-run-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+-/.exec(name) ?? []
  if (pid === undefined || start === undefined) return false
  return startOf(Number.parseInt(pid, 36)) !== Number.parseInt(start, 36).toString()
}
