import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Endpoint } from '../../lab/lab.ts'
import { topologyFolder } from '../folder.ts'
import { imageWords, packagesFor } from '../images.ts'
import type { ImportedMachine, Importer, Segment, Topology } from '../importer.ts'
import { nodeNames } from '../names.ts'
import type { Remarks } from '../remarks.ts'
import { type Device, readLabConf } from './read-lab-conf.ts'
import { readScript } from './read-script.ts'

/** Kathará's folders with a lab.conf; the manual pages kathara-lab.conf(5) and kathara-lab-dirs(7) describe them. */
export const kathara: Importer = {
  name: 'Kathará',
  fileAt(path) {
    const full = resolve(path)
    const file = statSync(full, { throwIfNoEntry: false })?.isDirectory() ? join(full, 'lab.conf') : full
    return basename(file) === 'lab.conf' && existsSync(file) ? file : undefined
  },

  read(file, text, remarks): Topology {
    const folder = dirname(file)
    const files = topologyFolder(folder)
    const report = remarks.on(file, text)
    const { devices, description } = readLabConf(text, report)
    const nameNode = nodeNames()
    const names = new Map(devices.map(({ name }) => [name, nameNode(name)]))
    warnOfFiles(folder, remarks)
    const shared = readScript(folder, 'shared.startup', remarks)
    const machines = devices.map((device): ImportedMachine => {
      const { name, place } = device
      const own = existsSync(join(folder, name)) ? files.filesAt(name, '/') : []
      if (typeof own === 'string') report.errorAt(place, { message: `cannot copy ${name}/: ${own}` })
      const image = device.image === undefined ? undefined : imageWords(device.image.value)
      if (device.image && image) report.warnAt(device.image.place, image)
      const packages = device.image === undefined ? [] : packagesFor(device.image.value)
      const startup = readScript(folder, `${name}.startup`, remarks)
      return {
        name: names.get(name) ?? name,
        packages: packages === 'unknown' ? [] : packages,
        files: typeof own === 'string' ? [] : own,
        commands: commandsOf(device, [shared, startup]),
      }
    })
    const ofDomains = segmentsOf(devices, names)
    return { name: basename(folder), summary: description ?? 'Imported from Kathará.', machines, segments: ofDomains }
  },
}

const commandsOf = (device: Device, scripts: readonly (readonly string[])[]): readonly string[] => [
  ...device.macs.map(({ nic, mac }) => `ip link set ${nic} address ${mac}`),
  ...device.commands,
  ...scripts.flat(),
]

/** A collision domain is a segment of all that are in it. */
function segmentsOf(devices: readonly Device[], names: ReadonlyMap<string, string>): readonly Segment[] {
  const domains = new Map<string, Endpoint[]>()
  for (const { name, nics } of devices)
    for (const { nic, domain } of nics)
      domains.set(domain, [...(domains.get(domain) ?? []), { node: names.get(name) ?? name, nic }])
  return Array.from(domains.values(), (ends) => ({ ends }))
}

const left: Readonly<Record<string, string>> = {
  'lab.dep': 'steps are done in the order of the lab: move them',
  'lab.ext': 'nothing of the host is touched',
  shared: 'machines share no folder: copy its files by a step',
}

function warnOfFiles(folder: string, remarks: Remarks): void {
  for (const [name, hint] of Object.entries(left)) {
    const path = join(folder, name)
    if (!existsSync(path)) continue
    remarks.on(path, '').warnAt({ start: 0, end: 0 }, { message: `cannot take ${name} over`, hint })
  }
}
