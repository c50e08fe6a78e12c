import { processSpace, startOf } from '../../host/process-identity.ts'

/** What all names begin with that a run gives to domains and volumes. */
const beginning = 'wirelab-run-'

/** The network by which machines of our box are reached; all runs share it, so that none takes another's addresses. */
export const managementNetwork = 'wirelab'

let made = 0

/** A beginning for the names of one bring-up. It says which process it belongs to, and where and when that began. */
export const makeRunPrefix = (): string =>
  `${beginning}${namesOfSpace()}-${nameOf(process.pid)}-${(made++).toString(36)}-`

/** The boot, and the PID namespace in which the number of a process means something. */
function namesOfSpace() {
  const { boot, namespace } = processSpace()
  return `${boot.slice(0, 8)}-${Number(namespace).toString(36)}`
}

const nameOf = (pid: number) => `${pid.toString(36)}-${Number(startOf(pid)).toString(36)}`

/**
 * Whether a domain or volume has been left by a run that is gone. A run in another PID namespace is not to be seen from
 * here, so nothing of it is.
 */
export function isLeftover(name: string): boolean {
  const [, boot, space, pid, start] = runName.exec(name) ?? []
  if (pid === undefined) return false
  const [thisBoot, thisSpace] = namesOfSpace().split('-')
  if (boot !== thisBoot) return true
  return space === thisSpace && nameOf(Number.parseInt(pid, 36)) !== `${pid}-${start}`
}

const runName = /^wirelab-run-([0-9a-f]{8})-([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+-/
