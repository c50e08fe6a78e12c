import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Rival, Sample, Session } from '../measurement.ts'
import { findProgram } from './find-program.ts'

const script = join(import.meta.dirname, 'mininet-row.py')

/** As many hosts in a row of cables, which are network namespaces of this host's kernel. */
export const mininet: Rival = {
  name: 'Mininet',
  lacks() {
    if (process.getuid?.() !== 0) return 'Mininet takes root'
    return findProgram('mn') === undefined ? 'there is no mn (Debian has it as mininet)' : undefined
  },
  sample: bringUp,
}

/** All of it is in namespaces that end with it, and the host's settings, which Mininet would change, can't be written. */
async function bringUp(count: number, { signal }: Session): Promise<Sample> {
  const closed = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec /usr/bin/python3 "$@"'
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--']
  const inside = ['sh', '-c', closed, 'sh', script, String(count)]
  const { stdout } = await promisify(execFile)('unshare', [...namespaces, ...inside], { signal })
  const firstOutputMs = Number(/^ms (\S+)$/m.exec(stdout)?.[1])
  if (!(firstOutputMs > 0)) throw new Error(`Mininet told no time: ${stdout}`)
  return { 'first output': firstOutputMs }
}
