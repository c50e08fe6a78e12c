import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Rival, Sample, Session } from '../measurement.ts'
import { timesOf } from '../read-events.ts'
import { rowSteps, runLab } from '../run-lab.ts'
import { findProgram } from './find-program.ts'

const programs = ['vagrant', 'libvirtd', 'virsh', 'qemu-img', 'dnsmasq', 'iptables']
const plugin = '/usr/share/doc/vagrant-libvirt'

/** The same machines through Vagrant, beside a libvirt of their own, which gets the box first. */
export const vagrant: Rival = {
  name: 'vagrant',
  once: true,
  lacks() {
    if (process.getuid?.() !== 0) return 'a libvirt of its own takes root'
    const missing =
      programs.find((name) => findProgram(name) === undefined) ?? (existsSync(plugin) ? undefined : plugin)
    return missing === undefined ? undefined : `there is no ${missing} (docs/providers.md says what it takes)`
  },
  sample: bringUp,
}

async function bringUp(count: number, { here, signal }: Session): Promise<Sample> {
  const privately = join(here.root, 'runner', 'providers', 'vagrant', 'with-private-libvirt')
  const addBox = 'line=$(npm run --silent lab image box | tail -n 1) && sh -c "$line" >&2 && exec "$@"'
  const through = [privately, 'sh', '-c', addBox, 'sh']
  const events = await runLab(here, count, rowSteps(count), { signal, through, words: ['--provider', 'vagrant'] })
  return timesOf(events, count)
}
